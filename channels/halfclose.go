package channels

import (
	"errors"

	"golang.org/x/sys/unix"
)

// CloseWrite ends what the peer of c gets, which it sees, and leaves the way back open. A channel that cannot do so is
// shut down.
func CloseWrite(c Conn) error {
	if h, ok := c.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	if s, ok := bare(c); ok && s.socket {
		err := s.control(func(fd int) error { return unix.Shutdown(fd, unix.SHUT_WR) })
		if err != nil && !errors.Is(err, unix.ENOTCONN) {
			return fail("Unable to shutdown socket", err)
		}
		return nil
	}
	return c.Shutdown()
}

// CloseRead ends what comes from the peer of c: who reads finds the end of the stream, once what has come already is
// read. The way to the peer is left open. A channel that cannot do so is shut down.
func CloseRead(c Conn) error {
	if s, ok := bare(c); ok && s.socket {
		err := s.control(func(fd int) error { return unix.Shutdown(fd, unix.SHUT_RD) })
		if err != nil && !errors.Is(err, unix.ENOTCONN) {
			return fail("Unable to shutdown socket", err)
		}
		return nil
	}
	return c.Shutdown()
}

// HungUp tells, without waiting, whether all that the peer of c sent was read and nothing more can come. It is false
// where that cannot be known. Nobody may be reading from c.
func HungUp(c Conn) bool {
	for w := c; w != nil; w = inner(w) {
		if h, ok := w.(interface{ HungUp() bool }); ok {
			return h.HungUp()
		}
	}
	s, ok := bare(c)
	if !ok || !s.socket {
		return false
	}
	var gone bool
	_ = s.control(func(fd int) error {
		var b [1]byte
		n, _, err := unix.Recvfrom(fd, b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		gone = err == nil && n == 0 || err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR)
		return nil
	})
	return gone
}
