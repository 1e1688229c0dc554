package qmp

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

// Stdio makes a connection of two files that may block, such as standard input and output. Its Close ends reads and
// writes that wait, and leaves the files open. Files that others use too must not be switched to non-blocking, so
// each read and write waits for readiness first.
func Stdio(in, out *os.File) (io.ReadWriteCloser, error) {
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	return &stdio{in: in, out: out, wake: wake}, nil
}

type stdio struct {
	in, out *os.File
	wake    int // readable once closed

	mu     sync.Mutex
	users  int // calls that use wake
	closed bool
}

func (s *stdio) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := s.call(unix.Read, s.in, unix.POLLIN, p)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

func (s *stdio) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		n, err := s.call(unix.Write, s.out, unix.POLLOUT, p[written:min(written+pipeChunk, len(p))])
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// call reads or writes a file once it is ready. The methods of os.File would end the program when standard output
// breaks.
func (s *stdio) call(f func(int, []byte) (int, error), file *os.File, event int16, p []byte) (int, error) {
	for {
		if err := s.ready(int(file.Fd()), event); err != nil {
			return 0, err
		}
		n, err := f(int(file.Fd()), p)
		if !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.EAGAIN) {
			return max(n, 0), err
		}
	}
}

// Close makes further and waiting calls fail with os.ErrClosed.
func (s *stdio) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return os.ErrClosed
	}
	s.closed = true
	if s.users > 0 {
		unix.Write(s.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		return nil
	}
	return unix.Close(s.wake)
}

// ready waits until fd is, or has ended or failed, which the next call on it will tell.
func (s *stdio) ready(fd int, events int16) error {
	if !s.enter() {
		return os.ErrClosed
	}
	defer s.leave()
	for {
		polled := []unix.PollFd{{Fd: int32(fd), Events: events}, {Fd: int32(s.wake), Events: unix.POLLIN}}
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

func (s *stdio) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.users++
	return true
}

// leave lets the last user after Close release what Close could not.
func (s *stdio) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users--; s.users == 0 && s.closed {
		unix.Close(s.wake)
	}
}
