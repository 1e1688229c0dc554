package chardev

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// ptyLook is how often a pseudo terminal that nobody has open is looked at: the kernel does not tell when somebody
// opens it.
const ptyLook = 100 * time.Millisecond

// pty is the source that makes a pseudo terminal; whoever opens it is its client.
type pty struct {
	conf  *Config
	env   Env
	ours  *os.File
	path  string
	link  bool // there is a symbolic link
	again bool // there was a client before
}

func (p *pty) open(context.Context) (*client, error) {
	if err := p.create(); err != nil {
		return nil, err
	}
	fmt.Fprintf(p.env.Out, "char device redirected to %s (label %s)\n", p.path, p.conf.Label)
	if p.conf.Path != "" {
		if err := os.Symlink(p.path, p.conf.Path); err != nil {
			return nil, failed(err, "Failed to create PTY symlink")
		}
		p.link = true
	}
	return nil, nil
}

// create makes the terminal. Its other side is opened once and left, so that it looks hung up until a client comes.
func (p *pty) create() error {
	const op = "Failed to create PTY"
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return failed(err, op)
	}
	p.ours = os.NewFile(uintptr(fd), "/dev/ptmx")
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return failed(err, op)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return failed(err, op)
	}
	p.path = fmt.Sprintf("/dev/pts/%d", number)
	theirs, err := unix.Open(p.path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return failed(err, op)
	}
	defer unix.Close(theirs)
	if err := makeRaw(theirs); err != nil {
		return failed(err, op)
	}
	return nil
}

// next waits until somebody has the terminal open.
func (p *pty) next(ctx context.Context) (*client, error) {
	if p.again {
		pause(ctx, ptyLook) // whose session is over may still be there
	}
	p.again = true
	for ; p.hungUp(); pause(ctx, ptyLook) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	conn, err := newPair(p.ours, p.ours)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, name: p.name()}, nil
}

func (p *pty) hungUp() bool {
	polled := []unix.PollFd{{Fd: int32(p.ours.Fd()), Events: unix.POLLOUT}}
	_, err := unix.Poll(polled, 0)
	return err != nil || polled[0].Revents&unix.POLLHUP != 0
}

func (p *pty) name() string { return "pty:" + p.path }

func (p *pty) close() {
	if p.link {
		os.Remove(p.conf.Path)
	}
	if p.ours != nil {
		p.ours.Close()
	}
}

// pause waits, at most until ctx is done.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
