package file

import (
	"errors"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/block"
)

// Processes that use an image tell each other what they do with it by locks for
// reading on single bytes of the file: one for each permission that is held, and
// one for each that others must not have.
const (
	heldBase     = 100
	unsharedBase = 200

	consistentRead = 1 << 0
	write          = 1 << 1
	resize         = 1 << 3
)

var permissions = [...]string{"consistent read", "write", "write unchanged", "resize"}

// LockError is a file that another process uses.
type LockError struct{ Text, Path string }

func (e *LockError) Error() string { return e.Text }

// Hint is a second line for people.
func (e *LockError) Hint() string { return "Is another process using the image [" + e.Path + "]?" }

func (f *File) lock() error {
	if f.options.Unlocked {
		return nil
	}
	held, unshared := consistentRead, write|resize
	if f.options.Shared {
		unshared = 0
	}
	if !f.options.ReadOnly {
		held |= write
		if f.options.Grow {
			held |= resize
		}
	}
	if err := f.take(held, unshared); err != nil {
		f.unlock()
		if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOLCK) {
			return nil // a file system without locks
		}
		return err
	}
	return nil
}

func (f *File) take(held, unshared int) error {
	for i := range permissions {
		for _, l := range [...]struct{ bits, base int }{{held, heldBase}, {unshared, unsharedBase}} {
			if l.bits>>i&1 == 0 {
				continue
			}
			if err := f.control(unix.F_OFD_SETLK, unix.F_RDLCK, l.base+i); err != nil {
				return block.Failed(err, "Failed to lock byte %d", l.base+i)
			}
		}
	}
	for i, name := range permissions {
		if held>>i&1 != 0 && f.taken(unsharedBase+i) {
			return &LockError{"Failed to get \"" + name + "\" lock", f.path}
		}
	}
	for i, name := range permissions {
		if unshared>>i&1 != 0 && f.taken(heldBase+i) {
			return &LockError{"Failed to get shared \"" + name + "\" lock", f.path}
		}
	}
	return nil
}

// taken says whether someone else has a lock on a byte.
func (f *File) taken(at int) bool {
	l := lockOf(unix.F_WRLCK, at)
	return unix.FcntlFlock(f.f.Fd(), unix.F_OFD_GETLK, &l) == nil && l.Type != unix.F_UNLCK
}

func (f *File) control(command int, kind int16, at int) error {
	l := lockOf(kind, at)
	return unix.FcntlFlock(f.f.Fd(), command, &l)
}

func (f *File) unlock() {
	for i := range permissions {
		_ = f.control(unix.F_OFD_SETLK, unix.F_UNLCK, heldBase+i)
		_ = f.control(unix.F_OFD_SETLK, unix.F_UNLCK, unsharedBase+i)
	}
}

func lockOf(kind int16, at int) unix.Flock_t {
	return unix.Flock_t{Type: kind, Whence: unix.SEEK_SET, Start: int64(at), Len: 1}
}
