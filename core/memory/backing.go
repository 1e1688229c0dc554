package memory

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Backing is the file that a block's memory is mapped from.
type Backing struct {
	// File is mapped, and may be closed afterwards.
	File *os.File
	// Offset is where the block begins in the file: a multiple of PageSize.
	Offset int64
	// Shared lets writes reach the file, and others who map it. Without it
	// they stay in this process.
	Shared bool
	// Named says that the file has contents of its own or may be opened by
	// others, so that nothing is known about what its pages hold.
	Named bool
	// ReadOnly makes the memory readable only, for files that are.
	ReadOnly bool
}

// NewBacked makes the block called name of size bytes of a file. size is a
// positive multiple of PageSize, and the file is long enough.
func NewBacked(name string, size uint64, backing Backing) (*Block, error) {
	b, err := New(name, size)
	if err != nil {
		return nil, err
	}
	if err := b.back(backing); err != nil {
		b.Close()
		return nil, fmt.Errorf("unable to map backing store for guest RAM: %w", err)
	}
	if backing.Named {
		b.shared = backing.Shared
		b.Populate(0, b.Pages())
	}
	return b, nil
}

// NewShareable makes a block of memory that other processes can map, too.
func NewShareable(name string, size uint64) (*Block, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("cannot set up guest memory '%s': %w", name, err)
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close() // the block has a descriptor of its own
	if err := f.Truncate(int64(min(size, maxBlock))); err != nil {
		return nil, fmt.Errorf("cannot set up guest memory '%s': %w", name, err)
	}
	return NewBacked(name, size, Backing{File: f, Shared: true})
}

// Map makes a block of memory that belongs to a block of another process: it
// keeps no account of what is written, which is the affair of the other one.
func Map(name string, size uint64, backing Backing) (*Block, error) {
	mem, err := reserve(size)
	if err != nil {
		return nil, err
	}
	b := &Block{name: name, mem: mem}
	if err := b.back(backing); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// back maps a file. What others may map too keeps a descriptor of it.
func (b *Block) back(backing Backing) error {
	if err := mapOver(b.mem, backing); err != nil {
		return err
	}
	b.backing = backing
	if err := b.findHostPage(backing.File); err != nil {
		return err
	}
	if !backing.Shared || backing.Named {
		return nil
	}
	fd, err := unix.FcntlInt(backing.File.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return err
	}
	b.file = os.NewFile(uintptr(fd), backing.File.Name())
	return nil
}

// File is the nameless file that the memory is mapped from, and where in it the
// block begins, so that another process can map it too. Without one it is nil.
// It stays the block's.
func (b *Block) File() (f *os.File, offset int64) { return b.file, b.backing.Offset }

// mapOver puts a file in the place of reserved memory.
func mapOver(mem []byte, b Backing) error {
	flags, prot := unix.MAP_FIXED|unix.MAP_PRIVATE, unix.PROT_READ|unix.PROT_WRITE
	if b.Shared {
		flags = unix.MAP_FIXED | unix.MAP_SHARED
	}
	if b.ReadOnly {
		prot = unix.PROT_READ
	}
	_, err := unix.MmapPtr(int(b.File.Fd()), b.Offset, unsafe.Pointer(&mem[0]), uintptr(len(mem)), prot, flags)
	return err
}
