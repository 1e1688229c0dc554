package qcow2

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

const (
	bitmapFixed = 24 // bytes of an entry of the directory that all have

	bitmapInUse = 1 << 0
	bitmapAuto  = 1 << 1 // it records what is written

	bitmapDirty = 1 // the only type there is

	bitmapOnes = 1 << 0 // an entry of a table whose cluster would be ones
)

// What bitmaps may ask for; the same as in QEMU but for the last.
const (
	maxBitmaps         = 65535
	maxBitmapDirectory = 1024 * maxBitmaps
	maxBitmapName      = 1023
	minGranularityBits = 9
	maxGranularityBits = 31
	maxBitmapBytes     = 512 << 20
	// maxAllBitmaps is how much memory all bitmaps of an image may take, in bytes.
	maxAllBitmaps = 1 << 30
)

// bitmapEntry is one of the directory of bitmaps.
type bitmapEntry struct {
	table           uint64 // offset
	clusters        uint32 // entries of the table
	flags           uint32
	granularityBits byte
	name            string
}

func appendBitmapEntry(p []byte, e *bitmapEntry) []byte {
	be := binary.BigEndian
	p = be.AppendUint64(p, e.table)
	p = be.AppendUint32(p, e.clusters)
	p = be.AppendUint32(p, e.flags)
	p = append(p, bitmapDirty, e.granularityBits)
	p = be.AppendUint16(p, uint16(len(e.name)))
	p = be.AppendUint32(p, 0)
	p = append(p, e.name...)
	for len(p)%8 != 0 {
		p = append(p, 0)
	}
	return p
}

// parseBitmaps decodes the directory, of which it says how many entries it has.
func parseBitmaps(p []byte, number int) (list []bitmapEntry, err error) {
	be := binary.BigEndian
	for len(p) > 0 {
		if len(p) < bitmapFixed {
			return nil, errors.New("Broken bitmap directory")
		}
		nameLength, extra := int(be.Uint16(p[18:])), uint64(be.Uint32(p[20:]))
		length := (bitmapFixed + uint64(nameLength) + extra + 7) &^ 7
		switch {
		case length > uint64(len(p)):
			return nil, errors.New("Broken bitmap directory")
		case len(list) == number:
			return nil, errors.New("More bitmaps found than specified in header extension")
		case extra != 0:
			return nil, errors.New("Bitmap extra data is not supported")
		}
		e := bitmapEntry{table: be.Uint64(p), clusters: be.Uint32(p[8:]), flags: be.Uint32(p[12:]),
			granularityBits: p[17], name: string(p[bitmapFixed : bitmapFixed+nameLength])}
		if p[16] != bitmapDirty || e.flags&^(bitmapInUse|bitmapAuto) != 0 || nameLength > maxBitmapName {
			return nil, e.constraints()
		}
		list, p = append(list, e), p[length:]
	}
	if len(list) < number {
		return nil, errors.New("Less bitmaps found than specified in header extension")
	}
	return list, nil
}

func (e *bitmapEntry) constraints() error {
	return fmt.Errorf("Bitmap '%.*s' doesn't satisfy the constraints", maxBitmapName, e.name)
}

// check holds an entry against the image that it is in.
func (e *bitmapEntry) check(i *Image) error {
	room := uint64(e.clusters) << i.clusterBits
	switch {
	case e.clusters == 0, e.table == 0, e.table > maxOffset, e.table&uint64(i.clusterSize-1) != 0,
		e.granularityBits < minGranularityBits, e.granularityBits > maxGranularityBits, room > maxBitmapBytes,
		e.flags&bitmapInUse == 0 && uint64(bitmapBytes(i.Size(), e.granularityBits)) > room:
		return e.constraints()
	}
	return nil
}

// bitmapBytes is how long the bits of a disk are.
func bitmapBytes(size int64, granularityBits byte) int64 {
	bitsNeeded := size>>granularityBits + min(size&(1<<granularityBits-1), 1)
	return (bitsNeeded + 7) / 8
}

// canStore says why a bitmap cannot be kept.
func (i *Image) canStore(name string, granularity int64) error {
	order := bits.TrailingZeros64(uint64(granularity))
	switch {
	case i.h.version < 3:
		return errors.New("Cannot store dirty bitmaps in qcow2 v2 files")
	case order > maxGranularityBits:
		return fmt.Errorf("Granularity exceeds maximum (%d bytes)", int64(1)<<maxGranularityBits)
	case order < minGranularityBits:
		return fmt.Errorf("Granularity is under minimum (%d bytes)", 1<<minGranularityBits)
	case bitmapBytes(i.Size(), byte(order)) > maxBitmapBytes:
		return errors.New("Too much space will be occupied by the bitmap. Use larger granularity")
	case len(name) > maxBitmapName:
		return fmt.Errorf("Name length exceeds maximum (%d characters)", maxBitmapName)
	}
	return nil
}
