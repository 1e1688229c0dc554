package uffd

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Mode is what is done about a range.
type Mode uint64

const (
	// Missing makes whoever touches a page that is not there wait.
	Missing Mode = 1
	// Protected allows to protect the range against writes.
	Protected Mode = 2
)

// span is a range as the calls take it.
type span struct{ start, length uint64 }

// Register begins to act on a range, or changes how it is acted on.
func (f *File) Register(start, length uint64, mode Mode) error {
	arg := struct {
		span
		mode, ioctls uint64
	}{span{start, length}, uint64(mode), 0}
	return f.call(ioctlRegister, unsafe.Pointer(&arg))
}

// Unregister ends what Register began, and wakes whoever waits.
func (f *File) Unregister(start, length uint64) error {
	return f.call(ioctlUnregister, unsafe.Pointer(&span{start, length}))
}

// Wake lets whoever waits in a range try again.
func (f *File) Wake(start, length uint64) error {
	return f.call(ioctlWake, unsafe.Pointer(&span{start, length}))
}

// Protect write-protects a range, or lifts that.
func (f *File) Protect(start, length uint64, on bool) error {
	arg := struct {
		span
		mode uint64
	}{span: span{start, length}}
	if on {
		arg.mode = 1
	}
	for {
		// It is only to be tried again while the memory's mappings change.
		if err := f.call(ioctlProtect, unsafe.Pointer(&arg)); !is(err, unix.EAGAIN) {
			return err
		}
	}
}

// Copy makes the missing pages from start on what data holds, each at once, and
// wakes whoever waits for them. Pages that are there stay as they are. page is
// the size of the range's pages; data holds whole ones.
func (f *File) Copy(start uint64, data []byte, page uint64) error {
	for len(data) > 0 {
		arg := struct {
			dst    uint64
			src    unsafe.Pointer
			length uint64
			mode   uint64
			copied int64
		}{dst: start, src: unsafe.Pointer(&data[0]), length: uint64(len(data))}
		done, err := f.progress(f.call(ioctlCopy, unsafe.Pointer(&arg)), arg.copied, start, arg.length, page)
		if err != nil {
			return err
		}
		start, data = start+done, data[done:]
	}
	return nil
}

// Zero is Copy for pages of zeros.
func (f *File) Zero(start, length, page uint64) error {
	for length > 0 {
		arg := struct {
			span
			mode uint64
			done int64
		}{span: span{start, length}}
		done, err := f.progress(f.call(ioctlZero, unsafe.Pointer(&arg)), arg.done, start, length, page)
		if err != nil {
			return err
		}
		start, length = start+done, length-done
	}
	return nil
}

// progress says how far a call came: all of it, a part, over a page that is
// there, or nowhere, because the memory's mappings just change.
func (f *File) progress(err error, done int64, start, length, page uint64) (uint64, error) {
	switch {
	case err == nil:
		return length, nil
	case is(err, unix.EAGAIN):
		return uint64(max(done, 0)), nil
	case is(err, unix.EEXIST):
		return page, f.Wake(start, page)
	}
	return 0, err
}
