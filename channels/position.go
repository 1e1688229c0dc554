package channels

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// File is a channel to a file that has positions: bytes can be read and written anywhere in it, by any number of
// goroutines at once, while Read and Write go on where they are. After Shutdown all of it fails as they do.
type File interface {
	Conn
	io.ReaderAt
	io.WriterAt
	// Seek moves where Read and Write go on; it is called by whoever calls those.
	io.Seeker
}

// fileStream is a stream over a file that has positions.
type fileStream struct{ *stream }

// Unwrap lets a fileStream be used as the stream that it is.
func (f fileStream) Unwrap() Conn { return f.stream }

// asFile gives a stream positions, where what it is about has some.
func asFile(s *stream) Conn {
	err := s.control(func(fd int) error {
		_, err := unix.Seek(fd, 0, io.SeekCurrent)
		return err
	})
	if err != nil {
		return s
	}
	return fileStream{s}
}

// step is the most that one system call moves, in bytes: Shutdown is looked at in between.
const step = 8 << 20

// ReadAt reads all of p from a position; io.EOF says that the file ends before.
func (f fileStream) ReadAt(p []byte, at int64) (int, error) {
	n := 0
	for n < len(p) {
		m, err := f.move(unix.Pread, p[n:], at+int64(n))
		n += m
		switch {
		case f.down.Load() || err == nil && m == 0:
			return n, io.EOF
		case err != nil:
			return n, &Error{"Unable to read from " + f.noun, err}
		}
	}
	return n, nil
}

// WriteAt writes all of p to a position.
func (f fileStream) WriteAt(p []byte, at int64) (int, error) {
	n := 0
	for n < len(p) {
		m, err := f.move(unix.Pwrite, p[n:], at+int64(n))
		n += m
		switch {
		case f.down.Load():
			return n, &Error{"Unable to write to " + f.noun, syscall.EPIPE}
		case err == nil && m == 0:
			err = unix.EIO // never seen; without this it would be an endless loop
			fallthrough
		case err != nil:
			return n, &Error{"Unable to write to " + f.noun, err}
		}
	}
	return n, nil
}

// move makes one system call, again when a signal interrupts it.
func (f fileStream) move(call func(int, []byte, int64) (int, error), p []byte, at int64) (n int, err error) {
	p = p[:min(len(p), step)]
	closed := f.raw.Control(func(fd uintptr) {
		for {
			if n, err = call(int(fd), p, at); !errors.Is(err, unix.EINTR) {
				n = max(n, 0)
				return
			}
		}
	})
	if closed != nil {
		return 0, os.ErrClosed
	}
	return n, err
}

// Seek moves where Read and Write go on.
func (f fileStream) Seek(offset int64, whence int) (at int64, err error) {
	err = os.ErrClosed
	_ = f.raw.Control(func(fd uintptr) { at, err = unix.Seek(int(fd), offset, whence) })
	if err != nil {
		return 0, &Error{fmt.Sprintf("Unable to seek to offset %d whence %d in file", offset, whence), err}
	}
	return at, nil
}
