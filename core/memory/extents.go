package memory

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Extents tells which pages of the block's nameless file (File) there are; the
// others are zeros. The file is one of pages of the usual size.
func (b *Block) Extents(mark func(first, count uint64)) error {
	if b.file == nil {
		return os.ErrInvalid
	}
	fd, base := int(b.file.Fd()), b.backing.Offset
	for at, end := base, base+int64(len(b.mem)); at < end; {
		data, err := unix.Seek(fd, at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			return nil // nothing up to the end
		}
		var hole int64
		if err == nil {
			hole, err = unix.Seek(fd, data, unix.SEEK_HOLE)
		}
		if err != nil {
			return err
		}
		if data < end {
			mark(uint64(data-base)/PageSize, uint64(min(hole, end)-data)/PageSize)
		}
		at = hole
	}
	return nil
}

// MapExtents puts all pages that the file has into this process's page tables,
// so that none of them costs a page fault later. What it cannot map costs one.
func (b *Block) MapExtents() {
	_ = b.Extents(func(first, count uint64) {
		_ = unix.Madvise(b.mem[first*PageSize:(first+count)*PageSize], unix.MADV_POPULATE_READ)
	})
}
