// Package null is a disk that keeps nothing: it reads as zeros.
package null

import "qmpmigrate/core/block"

// DefaultSize is that of a disk for which none was asked, in bytes.
const DefaultSize = 1 << 30

// Image is such a disk; its value is its size in bytes.
type Image int64

// ReadAt gives zeros.
func (Image) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}

// WriteAt forgets.
func (Image) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }

// WriteZeros does nothing.
func (Image) WriteZeros(int64, int64) error { return nil }

// Size is the disk's.
func (i Image) Size() int64 { return int64(i) }

// Extent is zeros all over.
func (Image) Extent(_, n int64) (block.Extent, error) {
	return block.Extent{Length: n, Allocated: true, Zero: true}, nil
}

// Flush does nothing.
func (Image) Flush() error { return nil }

// Close does nothing.
func (Image) Close() error { return nil }
