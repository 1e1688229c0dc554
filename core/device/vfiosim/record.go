package vfiosim

import (
	"encoding/binary"
	"errors"
)

// What a device puts into its data, each record in a piece of its own: the
// header once, chunks, and at the end how often chunks were rewritten.
type recordKind uint64

const (
	recordHeader recordKind = 0x5646494f53494d01 + iota
	recordChunk
	recordEnd
)

// record is any of them.
type record struct {
	kind recordKind
	// StateSize and InitialSize, index and generation, or writes and 0.
	a, b uint64
	data []byte // of a chunk
}

const (
	recordSize = 24
	// maxRecord bounds a piece of data.
	maxRecord = recordSize + chunkSize
)

// append appends what comes before the data.
func (r *record) append(p []byte) []byte {
	p = binary.BigEndian.AppendUint64(p, uint64(r.kind))
	p = binary.BigEndian.AppendUint64(p, r.a)
	return binary.BigEndian.AppendUint64(p, r.b)
}

var errRecord = errors.New("this is not the device's data")

// parseRecord takes a piece apart; data stays where it is.
func parseRecord(p []byte) (record, error) {
	if len(p) < recordSize || len(p) > maxRecord {
		return record{}, errRecord
	}
	r := record{
		kind: recordKind(binary.BigEndian.Uint64(p)),
		a:    binary.BigEndian.Uint64(p[8:]),
		b:    binary.BigEndian.Uint64(p[16:]),
		data: p[recordSize:],
	}
	switch r.kind {
	case recordChunk:
		return r, nil
	case recordHeader:
		if len(r.data) == 0 {
			return r, nil
		}
	case recordEnd:
		if len(r.data) == 0 && r.b == 0 {
			return r, nil
		}
	}
	return record{}, errRecord
}
