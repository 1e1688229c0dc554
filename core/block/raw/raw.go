// Package raw is the format that has none: a piece of what is beneath, as it is.
package raw

import (
	"encoding/binary"
	"fmt"
	"io"
	"syscall"

	"qmpmigrate/core/block"
)

// Options say which piece it is.
type Options struct {
	// Offset is where it begins, in bytes.
	Offset int64
	// Size is how long it is, in bytes; 0 is all the rest.
	Size int64
	// Guessed: the format was guessed from the first sector, which must not be
	// made to look like another format's.
	Guessed bool
}

// Image is such a piece. It has the size that was there when it was opened.
type Image struct {
	s       block.Storage
	options Options
	size    int64
}

// New makes an image of a piece of s, which stays its owner's.
func New(s block.Storage, o Options) (*Image, error) {
	whole := s.Size()
	if o.Offset > whole {
		return nil, fmt.Errorf("Offset (%d) cannot be greater than size of the containing file (%d)", o.Offset, whole)
	}
	size := o.Size
	if size == 0 {
		size = whole - o.Offset
	}
	if size > whole-o.Offset {
		return nil, fmt.Errorf("The sum of offset (%d) and size (%d) has to be smaller or equal to the  actual size of the containing file (%d)",
			o.Offset, size, whole)
	}
	if size%block.Sector != 0 {
		return nil, fmt.Errorf("Specified size is not multiple of %d", block.Sector)
	}
	return &Image{s: s, options: o, size: size}, nil
}

// Size is the length of the piece.
func (i *Image) Size() int64 { return i.size }

func (i *Image) within(off, n int64) error {
	if off < 0 || n < 0 || off > i.size || n > i.size-off {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// ReadAt reads.
func (i *Image) ReadAt(p []byte, off int64) (int, error) {
	if err := i.within(off, int64(len(p))); err != nil {
		return 0, err
	}
	return i.s.ReadAt(p, off+i.options.Offset)
}

// WriteAt writes.
func (i *Image) WriteAt(p []byte, off int64) (int, error) {
	if err := i.within(off, int64(len(p))); err != nil {
		return 0, err
	}
	if i.options.Guessed && off == 0 && Guess(p) != "raw" {
		return 0, syscall.EPERM
	}
	return i.s.WriteAt(p, off+i.options.Offset)
}

// WriteZeros writes zeros.
func (i *Image) WriteZeros(off, n int64) error {
	if err := i.within(off, n); err != nil {
		return err
	}
	return i.s.WriteZeros(off+i.options.Offset, n)
}

// Extent is that of what is beneath.
func (i *Image) Extent(off, n int64) (block.Extent, error) {
	if err := i.within(off, n); err != nil {
		return block.Extent{}, err
	}
	return i.s.Extent(off+i.options.Offset, n)
}

// Flush flushes what is beneath.
func (i *Image) Flush() error { return i.s.Flush() }

// Close flushes.
func (i *Image) Close() error { return i.Flush() }

// Inactivate flushes.
func (i *Image) Inactivate() error { return i.Flush() }

// Activate looks how long what is beneath is by now, where all of it counts.
func (i *Image) Activate() error {
	if i.options.Size == 0 {
		i.size = max(i.s.Size()-i.options.Offset, 0)
	}
	return nil
}

// Guess tells a format by how an image begins.
func Guess(begin []byte) string {
	if len(begin) < 8 {
		return "raw"
	}
	for _, m := range [...]struct{ magic, format string }{
		{"KDMV", "vmdk"}, {"COWD", "vmdk"}, {"QED\x00", "qed"}, {"vhdxfile", "vhdx"},
		{"LUKS\xba\xbe", "luks"}, {"conectix", "vpc"},
	} {
		if string(begin[:len(m.magic)]) == m.magic {
			return m.format
		}
	}
	if string(begin[:4]) == "QFI\xfb" {
		if binary.BigEndian.Uint32(begin[4:]) >= 2 {
			return "qcow2"
		}
		return "qcow"
	}
	return "raw"
}
