package shell

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Input is a terminal whose end can be brought about, also while somebody reads.
type Input struct {
	fd         int
	wake, stop *os.File // two ends of a pipe: readable when it is the end
}

// NewInput makes an Input of an open terminal.
func NewInput(terminal *os.File) (*Input, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &Input{fd: int(terminal.Fd()), wake: r, stop: w}, nil
}

// End lets Read give io.EOF from now on.
func (i *Input) End() { _ = i.stop.Close() }

// Close gives back what End did not. Nobody may read any more.
func (i *Input) Close() {
	i.End()
	_ = i.wake.Close()
}

func (i *Input) Read(p []byte) (int, error) {
	wait := []unix.PollFd{
		{Fd: int32(i.wake.Fd()), Events: unix.POLLIN},
		{Fd: int32(i.fd), Events: unix.POLLIN},
	}
	for {
		if _, err := unix.Poll(wait, -1); errors.Is(err, unix.EINTR) {
			continue
		} else if err != nil {
			return 0, os.NewSyscallError("poll", err)
		}
		if wait[0].Revents != 0 {
			return 0, io.EOF
		}
		n, err := unix.Read(i.fd, p)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
			continue
		case err != nil, n == 0: // a terminal that was hung up gives EIO
			return 0, io.EOF
		}
		return n, nil
	}
}
