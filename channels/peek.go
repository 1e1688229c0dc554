package channels

import (
	"errors"
	"io"
	"syscall"

	"golang.org/x/sys/unix"
)

// Peeker is a channel whose next bytes can be looked at before they are read.
type Peeker interface {
	// Peek waits until all of p can be filled with what comes next, which
	// Read will give again. It counts as a Read. Where less comes before the
	// end it gives io.ErrUnexpectedEOF, or io.EOF where nothing does.
	Peek(p []byte) (int, error)
}

// Peek is Peeker's, for sockets only.
func (s *stream) Peek(p []byte) (n int, err error) {
	var errno syscall.Errno
	if s.down.Load() {
		return 0, io.EOF
	}
	over := false
	failed := s.raw.Read(func(fd uintptr) bool {
		// Whether that is all that comes must be known before it is looked at.
		over = hungUp(int(fd))
		for {
			n, _, err = unix.Recvfrom(int(fd), p, unix.MSG_PEEK|unix.MSG_DONTWAIT)
			if !errors.Is(err, unix.EINTR) {
				break
			}
		}
		done := !errors.Is(err, unix.EAGAIN) && (err != nil || n == len(p) || n == 0 || over)
		if !done {
			s.wake(fd, 1)
		}
		return done
	})
	switch {
	case s.down.Load():
		return 0, io.EOF
	case failed != nil:
		return 0, s.broken("Unable to read from", 0)
	case errors.As(err, &errno):
		return 0, s.broken("Unable to read from", errno)
	case n == len(p):
		return n, nil
	case n == 0:
		return 0, io.EOF
	}
	return n, io.ErrUnexpectedEOF
}
