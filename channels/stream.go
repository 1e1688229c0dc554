package channels

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// descriptor is an open file that belongs to the runtime's poller: *net.TCPConn, *net.UnixConn, *os.File. It keeps the
// number alive while a call uses it, so that a Close in between never hits a number that was given out again.
type descriptor interface {
	SyscallConn() (syscall.RawConn, error)
	SetDeadline(time.Time) error
	Close() error
}

// stream is a Conn over one descriptor.
type stream struct {
	name   string // for String
	noun   string // "socket", "command" or "file", for errors
	socket bool
	desc   descriptor
	raw    syscall.RawConn
	down   atomic.Bool // Shutdown was called

	inside inside
	reader reader
	writer writer

	closing  sync.Once
	closeErr error
}

// newStream takes the descriptor over, also when it fails.
func newStream(desc descriptor, name, noun string) (*stream, error) {
	raw, err := desc.SyscallConn()
	if err != nil {
		desc.Close()
		return nil, err
	}
	s := &stream{name: name, noun: noun, socket: noun == nounSocket, desc: desc, raw: raw}
	s.reader.step, s.reader.whole, s.reader.wakeAt = s.readStep, s.wholeStep, 1
	s.writer.step = s.writeStep
	s.tune()
	return s, nil
}

// The nouns of QEMU's messages.
const (
	nounSocket  = "socket"
	nounCommand = "command"
	nounFile    = "file"
)

func (s *stream) TwoWay() bool   { return s.socket }
func (s *stream) String() string { return s.name }

// control runs f with the descriptor's number; nothing is done, and nil returned, after Close.
func (s *stream) control(f func(fd int) error) error {
	var err error
	if s.raw.Control(func(fd uintptr) { err = f(int(fd)) }) != nil {
		return nil
	}
	return err
}

// Close ends the channel. Later calls return what the first one did.
func (s *stream) Close() error {
	s.closing.Do(func() {
		s.inside.closed.Store(true)
		if err := s.desc.Close(); err != nil {
			s.closeErr = fail("Unable to close "+s.noun, err)
		}
	})
	return s.closeErr
}

// broken is the error of a call that found the channel unusable: Shutdown looks like a peer that went away.
func (s *stream) broken(op string, errno syscall.Errno) error {
	if errno == 0 {
		return &Error{op + " " + s.noun, os.ErrClosed}
	}
	return &Error{op + " " + s.noun, errno}
}
