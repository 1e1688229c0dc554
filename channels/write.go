package channels

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// writer is the state of a write call. It lives in the stream so that calls allocate nothing.
type writer struct {
	vec   iovecs
	rest  [][]byte // buffers that did not fit into vec yet
	n     int64
	errno syscall.Errno
	step  func(fd uintptr) bool // stream.writeStep
}

// Write is WriteVec with one buffer.
func (s *stream) Write(p []byte) (int, error) {
	s.writer.vec.loadOne(p)
	n, err := s.write()
	return int(n), err
}

func (s *stream) WriteVec(iov [][]byte) (int64, error) {
	s.writer.rest = s.writer.vec.load(iov)
	return s.write()
}

func (s *stream) write() (int64, error) {
	w := &s.writer
	if w.vec.empty() {
		return 0, nil
	}
	w.n, w.errno = 0, 0
	err := s.raw.Write(w.step)
	w.vec.reset()
	w.rest = nil
	switch {
	case err == nil && w.errno == 0:
		return w.n, nil
	case s.down.Load():
		return w.n, s.broken("Unable to write to", syscall.EPIPE)
	case err != nil: // closed; errno still says "try again"
		return w.n, s.broken("Unable to write to", 0)
	}
	return w.n, s.broken("Unable to write to", w.errno)
}

// writeStep writes until everything is out or the descriptor is full; false is "wait until there is room".
func (s *stream) writeStep(fd uintptr) bool {
	w := &s.writer
	for !w.vec.empty() {
		if s.down.Load() { // a file or a quick reader would let us finish
			w.errno = syscall.EPIPE
			return true
		}
		var n int
		n, w.errno = s.send(fd)
		switch {
		case w.errno == syscall.EAGAIN:
			if !s.await(&s.inside.writes, fd, unix.POLLOUT) {
				return false
			}
			continue
		case w.errno != 0:
			return true
		case n == 0:
			w.errno = syscall.EIO // never seen; without this it would be an endless loop
			return true
		}
		w.n += int64(n)
		w.vec.advance(uint64(n))
		if w.vec.empty() {
			w.rest = w.vec.load(w.rest)
		}
	}
	return true
}

// send writes once.
func (s *stream) send(fd uintptr) (int, syscall.Errno) {
	if s.socket {
		return s.writer.vec.message(unix.SYS_SENDMSG, fd)
	}
	return s.writer.vec.call(unix.SYS_WRITEV, fd)
}
