package chardev

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// pipeChunk is what a pipe that is ready for writing takes without waiting.
const pipeChunk = 4096

// pair is a connection of two files that may block, such as standard input and output. Its Close ends reads and
// writes that wait, and leaves the files open. Files that others use too must not be switched to non-blocking, so
// each read and write waits for readiness first.
type pair struct {
	in, out *os.File // in may be nil: then there is nothing to read
	wake    int      // readable once closed

	mu     sync.Mutex
	users  int // calls that use wake
	closed bool
}

func newPair(in, out *os.File) (*pair, error) {
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	return &pair{in: in, out: out, wake: wake}, nil
}

func (p *pair) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if p.in == nil {
		return 0, p.ready(-1, 0) // waits for the end
	}
	n, err := p.call(unix.Read, p.in, unix.POLLIN, b)
	if n == 0 && err == nil || errors.Is(err, unix.EIO) { // EIO: the other side of a terminal is closed
		err = io.EOF
	}
	return n, err
}

func (p *pair) Write(b []byte) (int, error) {
	written := 0
	for written < len(b) {
		n, err := p.call(unix.Write, p.out, unix.POLLOUT, b[written:min(written+pipeChunk, len(b))])
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// call reads or writes a file once it is ready. The methods of os.File would end the program when standard output
// breaks.
func (p *pair) call(f func(int, []byte) (int, error), file *os.File, event int16, b []byte) (int, error) {
	for {
		if err := p.ready(int32(file.Fd()), event); err != nil {
			return 0, err
		}
		n, err := f(int(file.Fd()), b)
		if !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.EAGAIN) {
			return max(n, 0), err
		}
	}
}

// Close makes further and waiting calls fail with os.ErrClosed.
func (p *pair) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return os.ErrClosed
	}
	p.closed = true
	if p.users > 0 {
		unix.Write(p.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		return nil
	}
	return unix.Close(p.wake)
}

// ready waits until fd is, or has ended or failed, which the next call on it will tell. For -1 that never happens.
func (p *pair) ready(fd int32, events int16) error {
	if !p.enter() {
		return os.ErrClosed
	}
	defer p.leave()
	for {
		polled := []unix.PollFd{{Fd: fd, Events: events}, {Fd: int32(p.wake), Events: unix.POLLIN}}
		_, err := unix.Poll(polled, -1)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return fmt.Errorf("poll: %w", err)
		case polled[1].Revents != 0:
			return os.ErrClosed
		default:
			return nil
		}
	}
}

func (p *pair) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.users++
	return true
}

// leave lets the last user after Close release what Close could not.
func (p *pair) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users--; p.users == 0 && p.closed {
		unix.Close(p.wake)
	}
}
