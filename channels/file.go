package channels

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// fdsetPrefix begins the paths of descriptors that were handed to a monitor.
const fdsetPrefix = "/dev/fdset/"

// file is an open file, and what is to be done after its end.
type file struct {
	*os.File
	done func()
}

func (f *file) Close() error {
	defer f.done()
	return f.File.Close()
}

// createFile opens a file for writing from the offset on. What it held before the offset stays, what came after is cut.
func createFile(a FileAddress) (Conn, error) {
	f, err := a.open(os.O_WRONLY|os.O_CREATE, "Could not create '"+a.Path+"'")
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = f.Truncate(int64(a.Offset))
	}
	if err != nil {
		f.Close()
		return nil, fail(fmt.Sprintf("failed to truncate migration file to offset %x", a.Offset), err)
	}
	return a.stream(f)
}

// openFile opens a file for reading from the offset on.
func openFile(a FileAddress) (Conn, error) {
	f, err := a.open(os.O_RDONLY, "Could not open '"+a.Path+"'")
	if err != nil {
		return nil, err
	}
	return a.stream(f)
}

// open opens the path at the offset. A named pipe has no offsets and is refused, without waiting for its other end.
func (a FileAddress) open(flags int, failure string) (*file, error) {
	f, err := a.openPath(flags, failure)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(int64(a.Offset), io.SeekStart); err != nil {
		f.Close()
		return nil, fail(failure, err)
	}
	return f, nil
}

// Again opens the file once more, to be written or to be read at positions: a lane beside the channel that Dial or Listen
// opened. direct goes around the page cache, where memory, positions and lengths must be whole pages.
func (a FileAddress) Again(write, direct bool) (File, error) {
	flags, failure := os.O_RDONLY, "Could not open '"+a.Path+"'"
	if write {
		flags = os.O_WRONLY
	}
	if direct {
		flags |= syscall.O_DIRECT
	}
	f, err := a.openPath(flags, failure)
	if direct && errors.Is(err, syscall.EINVAL) {
		if f, err := a.openPath(flags&^syscall.O_DIRECT, failure); err == nil {
			f.Close()
			return nil, errors.New(failure + ": filesystem does not support O_DIRECT")
		}
	}
	if err != nil {
		return nil, err
	}
	c, err := a.stream(f)
	if err != nil {
		return nil, err
	}
	if file, ok := c.(File); ok {
		return file, nil
	}
	c.Close()
	return nil, errors.New("Requested channel is not seekable: Invalid argument")
}

func (a FileAddress) openPath(flags int, failure string) (*file, error) {
	number, inSet := strings.CutPrefix(a.Path, fdsetPrefix)
	if !inSet {
		f, err := os.OpenFile(a.Path, flags|syscall.O_NONBLOCK, 0o600)
		if err != nil {
			return nil, fail(failure, err)
		}
		return &file{f, func() {}}, nil
	}
	set, err := strconv.ParseUint(number, 10, 31)
	switch {
	case err != nil:
		return nil, fmt.Errorf("Could not parse fdset %s", a.Path)
	case a.Sets == nil:
		return nil, fmt.Errorf("Failed to find fdset %s", a.Path)
	}
	f, done, err := a.Sets.OpenFD(int64(set), flags)
	if err != nil {
		return nil, err
	}
	return &file{f, done}, nil
}

func (a FileAddress) stream(f *file) (Conn, error) {
	s, err := newStream(f, a.String(), nounFile)
	if err != nil {
		return nil, err
	}
	return asFile(s), nil
}
