package channels

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// socketName is the path in the form that the standard library wants: '@' stands for the abstract namespace.
func (a UnixAddress) socketName() (string, error) {
	name := a.Path
	if strings.HasPrefix(name, "@") && !a.Abstract {
		name = "./" + name
	}
	if len(name) > MaxUnixPath {
		err := fmt.Errorf("UNIX socket path '%s' is too long", a.Path)
		return "", hinted{err, fmt.Sprintf("Path must be less than %d bytes", MaxUnixPath+1)}
	}
	if a.Abstract {
		name = "@" + name
		if a.Loose {
			name += strings.Repeat("\x00", MaxUnixPath+1-len(name))
		}
	}
	return name, nil
}

func newUnix(d descriptor, a UnixAddress) (Conn, error) {
	return newStream(d, "unix:"+a.Path, nounSocket)
}

// connectSlice is how long one attempt to connect waits for room in the listener's queue, and so how late a cancelled
// Dial may return.
const connectSlice = 50 * time.Millisecond

// dialUnix connects. QEMU listens with short queues: when one is full, a connect of the standard library fails with
// EAGAIN, and there is nothing to poll for. A blocking connect waits.
func dialUnix(ctx context.Context, a UnixAddress) (Conn, error) {
	name, err := a.socketName()
	if err != nil {
		return nil, err
	}
	failure := fmt.Sprintf("Failed to connect to '%s'", a.Path)
	if name == "" {
		return nil, fail(failure, unix.ECONNREFUSED) // as QEMU; the kernel would say EINVAL
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fail("Failed to create a socket", err)
	}
	if err = connectUnix(ctx, fd, name); err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		unix.Close(fd)
		return nil, fail(failure, err)
	}
	return newUnix(os.NewFile(uintptr(fd), a.Path), a)
}

func connectUnix(ctx context.Context, fd int, name string) error {
	slice := unix.NsecToTimeval(int64(connectSlice))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &slice); err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		// This package takes abstract names of full length, x/sys does not.
		err := syscall.Connect(fd, &syscall.SockaddrUnix{Name: name})
		if err != syscall.EAGAIN && err != syscall.EINTR {
			return err
		}
	}
}
