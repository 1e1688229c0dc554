package channels

import (
	"errors"
	"io"
	"syscall"

	"golang.org/x/sys/unix"
)

// Whole is a channel that is read in large pieces for less than by ReadVec.
type Whole interface {
	// ReadWhole is ReadVec, but returns only when all buffers are full, or
	// nothing more comes.
	ReadWhole(iov [][]byte) (int, error)
}

// ReadWhole fills all buffers, whatever channel c is, and returns with fewer
// bytes only together with an error: io.ErrUnexpectedEOF where the channel
// ended after some, io.EOF where it did before the first. It changes iov.
func ReadWhole(c Conn, iov [][]byte) (int, error) {
	w, whole := c.(Whole)
	for total := 0; ; {
		for len(iov) > 0 && len(iov[0]) == 0 {
			iov = iov[1:]
		}
		if len(iov) == 0 {
			return total, nil
		}
		var n int
		var err error
		if whole {
			n, err = w.ReadWhole(iov)
		} else {
			n, err = c.ReadVec(iov)
		}
		total += n
		switch {
		case errors.Is(err, io.EOF) && total > 0:
			return total, io.ErrUnexpectedEOF
		case err != nil:
			return total, err
		case n == 0:
			return total, io.ErrNoProgress
		}
		for len(iov) > 0 && len(iov[0]) <= n {
			n -= len(iov[0])
			iov = iov[1:]
		}
		if n > 0 {
			iov[0] = iov[0][n:]
		}
	}
}

// largeRead is how much shall have come until a reader that waits for more is
// woken, in bytes: each time costs about as much as copying a tenth of that.
const largeRead = 256 << 10

// ReadWhole is Whole's. At most the first MaxVec buffers count.
func (s *stream) ReadWhole(iov [][]byte) (int, error) {
	s.reader.vec.load(iov)
	s.reader.left = 0
	for _, b := range iov[:min(len(iov), MaxVec)] {
		s.reader.left += len(b)
	}
	return s.readBy(s.reader.whole)
}

// wholeStep reads until all buffers are full; false is "wait until there is more".
func (s *stream) wholeStep(fd uintptr) bool {
	r := &s.reader
	for {
		n, errno := s.receive(fd)
		switch {
		case errno == syscall.EAGAIN:
			s.wake(fd, min(r.left, largeRead))
			return false
		case errno != 0:
			r.errno = errno
			return true
		case n == 0:
			return true
		}
		r.n += n
		r.left -= n
		if r.vec.advance(uint64(n)); r.vec.empty() || r.left <= 0 {
			return true
		}
	}
}

// wake has a reader that waits woken only when so many bytes are there, where
// the kernel can do so.
func (s *stream) wake(fd uintptr, bytes int) {
	if s.socket && !s.reader.eager && bytes != s.reader.wakeAt {
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVLOWAT, bytes)
		s.reader.wakeAt = bytes
	}
}
