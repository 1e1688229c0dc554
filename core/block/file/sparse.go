package file

import (
	"errors"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/block"
)

// WriteZeros makes a hole, or writes where the file cannot have one.
func (f *File) WriteZeros(off, n int64) error {
	if n == 0 {
		return nil
	}
	if inside := min(n, f.length.Load()-off); inside > 0 {
		err := unix.Fallocate(int(f.f.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, off, inside)
		if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENODEV) {
			err = f.zeros(off, inside)
		}
		if err != nil {
			return err
		}
	}
	if end := off + n; end > f.length.Load() {
		if err := f.f.Truncate(end); err != nil {
			return err
		}
		f.reached(end)
	}
	return nil
}

func (f *File) zeros(off, n int64) error {
	zeros := make([]byte, min(n, 1<<20))
	for n > 0 {
		piece := min(n, int64(len(zeros)))
		if _, err := f.f.WriteAt(zeros[:piece], off); err != nil {
			return err
		}
		off, n = off+piece, n-piece
	}
	return nil
}

// Extent asks the file system where the holes are.
func (f *File) Extent(off, n int64) (block.Extent, error) {
	length := f.length.Load()
	if off >= length {
		return block.Extent{Length: n, Allocated: true, Zero: true}, nil
	}
	data, err := unix.Seek(int(f.f.Fd()), off, unix.SEEK_DATA)
	switch {
	case errors.Is(err, unix.ENXIO): // a hole up to the end
		return block.Extent{Length: n, Allocated: true, Zero: true}, nil
	case err != nil:
		return block.Extent{Length: n, Allocated: true}, nil
	case data > off:
		return block.Extent{Length: min(n, data-off), Allocated: true, Zero: true}, nil
	}
	hole, err := unix.Seek(int(f.f.Fd()), off, unix.SEEK_HOLE)
	if err != nil || hole <= off || hole >= length {
		return block.Extent{Length: n, Allocated: true}, nil
	}
	return block.Extent{Length: min(n, hole-off), Allocated: true}, nil
}
