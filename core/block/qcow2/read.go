package qcow2

import (
	"io"

	"qmpmigrate/core/block"
)

func (i *Image) within(off, n int64) error {
	if size := i.Size(); off < 0 || n < 0 || off > size || n > size-off {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// ReadAt reads from the image and what is beneath.
func (i *Image) ReadAt(p []byte, off int64) (int, error) {
	if err := i.within(off, int64(len(p))); err != nil {
		return 0, err
	}
	return i.read(p, off)
}

// read also reaches the VM state behind the disk.
func (i *Image) read(p []byte, off int64) (done int, err error) {
	for done < len(p) {
		n, err := i.readPiece(p[done:], off+int64(done))
		if err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}

func (i *Image) readPiece(p []byte, off int64) (int, error) {
	found, err := i.lookup(off, int64(len(p)))
	if err != nil {
		return 0, err
	}
	p = p[:found.n]
	switch found.kind {
	case normal:
		_, err = i.content().ReadAt(p, found.host)
	case deflated:
		err = i.readCompressed(p, off, found.entry)
	case unallocated:
		err = i.readBeneath(p, off)
	default:
		clear(p)
	}
	return len(p), err
}

// readBeneath reads what the image itself does not have.
func (i *Image) readBeneath(p []byte, off int64) error {
	n := i.beneath(off, int64(len(p)))
	clear(p[n:])
	if n == 0 {
		return nil
	}
	_, err := i.backing.ReadAt(p[:n], off)
	return err
}

// beneath is how many of n bytes at off are in the image beneath.
func (i *Image) beneath(off, n int64) int64 {
	if i.backing == nil || off >= i.Size() {
		return 0
	}
	return max(min(n, i.backing.Size()-off), 0)
}

// Extent tells what is known of a piece, without reading it.
func (i *Image) Extent(off, n int64) (block.Extent, error) {
	if err := i.within(off, n); err != nil {
		return block.Extent{}, err
	}
	e, err := i.extent(off, n)
	for err == nil && e.Length < n {
		more, err := i.extent(off+e.Length, n-e.Length)
		if err != nil || more.Allocated != e.Allocated || more.Zero != e.Zero {
			break
		}
		e.Length += more.Length
	}
	return e, err
}

func (i *Image) extent(off, n int64) (block.Extent, error) {
	if n == 0 {
		return block.Extent{}, nil
	}
	found, err := i.lookup(off, n)
	if err != nil {
		return block.Extent{}, err
	}
	if found.kind != unallocated {
		return block.Extent{Length: found.n, Allocated: true, Zero: found.kind == zeroPlain || found.kind == zeroKept}, nil
	}
	covered := i.beneath(off, found.n)
	if covered == 0 {
		return block.Extent{Length: found.n, Zero: true}, nil
	}
	below, err := i.backing.Extent(off, covered)
	return block.Extent{Length: below.Length, Zero: below.Zero}, err
}
