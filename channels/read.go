package channels

import (
	"io"
	"syscall"

	"golang.org/x/sys/unix"
)

// reader is the state of a read call. It lives in the stream so that calls allocate nothing.
type reader struct {
	vec   iovecs
	n     int
	errno syscall.Errno
	step  func(fd uintptr) bool // stream.readStep

	whole  func(fd uintptr) bool // stream.wholeStep
	left   int                   // what whole has still to read
	wakeAt int                   // how many bytes wake who waits
	// eager: any byte wakes. Over vsock a read fails that is to wait for as much as the kernel keeps.
	eager bool
}

// Read is ReadVec with one buffer.
func (s *stream) Read(p []byte) (int, error) {
	s.reader.vec.loadOne(p)
	return s.read()
}

func (s *stream) ReadVec(iov [][]byte) (int, error) {
	s.reader.vec.load(iov) // what does not fit is left for the caller's next call
	return s.read()
}

func (s *stream) read() (int, error) { return s.readBy(s.reader.step) }

func (s *stream) readBy(step func(fd uintptr) bool) (int, error) {
	r := &s.reader
	if r.vec.empty() {
		return 0, nil
	}
	if s.down.Load() {
		r.vec.reset()
		return 0, io.EOF
	}
	r.n, r.errno = 0, 0
	err := s.raw.Read(step)
	r.vec.reset()
	switch {
	case s.down.Load(): // what we may have read comes after bytes that Shutdown has dropped
		return 0, io.EOF
	case err == nil && r.errno == 0 && r.n > 0:
		return r.n, nil
	case err == nil && r.errno == 0:
		return 0, io.EOF
	case err != nil: // closed; errno still says "try again"
		return 0, s.broken("Unable to read from", 0)
	}
	return 0, s.broken("Unable to read from", r.errno)
}

// readStep is called by the poller whenever the descriptor may have become readable; false is "wait".
func (s *stream) readStep(fd uintptr) bool {
	r := &s.reader
	for {
		r.n, r.errno = s.receive(fd)
		if r.errno != syscall.EAGAIN {
			return true
		}
		s.wake(fd, 1)
		if !s.await(&s.inside.reads, fd, unix.POLLIN) {
			return false
		}
	}
}

// receive reads once.
func (s *stream) receive(fd uintptr) (int, syscall.Errno) {
	if s.socket {
		return s.reader.vec.message(unix.SYS_RECVMSG, fd)
	}
	return s.reader.vec.call(unix.SYS_READV, fd)
}
