package channels

import "golang.org/x/sys/unix"

// Gone tells whether the peer of a socket has hung up, even while bytes that it sent before wait to be read, as they do
// not for HungUp. It never says so of other channels.
func Gone(c Conn) bool {
	s, ok := bare(c)
	if !ok || !s.socket {
		return false
	}
	gone := false
	_ = s.control(func(fd int) error {
		gone = hungUp(fd)
		return nil
	})
	return gone
}

// hungUp says whether the peer of a socket sends nothing more.
func hungUp(fd int) bool {
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
	n, err := unix.Poll(poll, 0)
	return err == nil && n > 0 && poll[0].Revents&(unix.POLLRDHUP|unix.POLLHUP|unix.POLLERR) != 0
}

// bare finds the stream in a channel that may be wrapped.
func bare(c Conn) (s *stream, ok bool) {
	for w := inner(c); w != nil; w = inner(c) {
		c = w
	}
	s, ok = c.(*stream)
	return s, ok
}

// inner is what c wraps, nil for nothing.
func inner(c Conn) Conn {
	if w, ok := c.(interface{ Unwrap() Conn }); ok {
		return w.Unwrap()
	}
	return nil
}
