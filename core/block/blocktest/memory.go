// Package blocktest has images for tests.
package blocktest

import (
	"io"

	"qmpmigrate/core/block"
)

// Memory is an image in memory, whose pieces of 64 KiB are kept or not.
type Memory struct {
	data []byte
	kept []bool
	// Fail is what the next calls answer; nil for nothing.
	Fail error
	// Zeroed counts the bytes of WriteZeros.
	Zeroed int64
}

const piece = 64 << 10

// NewMemory makes an image of size bytes, which are zeros.
func NewMemory(size int64) *Memory {
	return &Memory{data: make([]byte, size), kept: make([]bool, (size+piece-1)/piece)}
}

// Node makes a node of it.
func (m *Memory) Node(name string) *block.Node { return block.NewNode(name, "raw", "", m, false) }

// Bytes is what the image holds.
func (m *Memory) Bytes() []byte { return m.data }

// Size is its length.
func (m *Memory) Size() int64 { return int64(len(m.data)) }

// ReadAt reads.
func (m *Memory) ReadAt(p []byte, off int64) (int, error) {
	if m.Fail != nil {
		return 0, m.Fail
	}
	if off+int64(len(p)) > m.Size() {
		return 0, io.ErrUnexpectedEOF
	}
	return copy(p, m.data[off:]), nil
}

// WriteAt writes.
func (m *Memory) WriteAt(p []byte, off int64) (int, error) {
	if m.Fail != nil {
		return 0, m.Fail
	}
	if off+int64(len(p)) > m.Size() {
		return 0, io.ErrUnexpectedEOF
	}
	for i := off / piece; i <= (off+int64(len(p))-1)/piece; i++ {
		m.kept[i] = true
	}
	return copy(m.data[off:], p), nil
}

// WriteZeros writes zeros.
func (m *Memory) WriteZeros(off, n int64) error {
	if m.Fail != nil {
		return m.Fail
	}
	clear(m.data[off : off+n])
	m.Zeroed += n
	return nil
}

// Extent tells what is kept; what is not is zeros.
func (m *Memory) Extent(off, n int64) (block.Extent, error) {
	if m.Fail != nil {
		return block.Extent{}, m.Fail
	}
	kept := m.kept[off/piece]
	end := off/piece + 1
	for end*piece < off+n && m.kept[end] == kept {
		end++
	}
	return block.Extent{Length: min(end*piece, off+n) - off, Allocated: kept, Zero: !kept}, nil
}

// Flush does nothing.
func (m *Memory) Flush() error { return m.Fail }

// Close does nothing.
func (m *Memory) Close() error { return nil }
