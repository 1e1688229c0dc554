package system

import (
	"context"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// waiter waits for a descriptor of a library, as the runtime waits for sockets.
type waiter struct {
	file *os.File // the same file by a number of its own: the library closes its own
	raw  syscall.RawConn
}

func newWaiter(fd int32) (*waiter, error) {
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	// The library's own reads do not wait from here on, either.
	if err := unix.SetNonblock(own, true); err != nil {
		_ = unix.Close(own) // it was only just made
		return nil, os.NewSyscallError("fcntl", err)
	}
	w := &waiter{file: os.NewFile(uintptr(own), "rdma")}
	if w.raw, err = w.file.SyscallConn(); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// until waits until try, which must not wait, gives true. It fails once wake was called.
func (w *waiter) until(try func(uintptr) bool) error { return w.raw.Read(try) }

// within is until with a context.
func (w *waiter) within(ctx context.Context, try func(uintptr) bool) error {
	stop := context.AfterFunc(ctx, w.wake)
	err := w.until(try)
	if !stop() && err != nil {
		return context.Cause(ctx)
	}
	return err
}

// wake frees whoever waits, now and from here on.
func (w *waiter) wake() { _ = w.file.SetReadDeadline(time.Unix(1, 0)) } // it can only be closed

func (w *waiter) close() { _ = w.file.Close() } // nothing was written to it
