package channels

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
)

func TestError(t *testing.T) {
	wrapped := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for _, test := range []struct {
		err  error
		is   error
		want string
	}{
		{wrapped, syscall.ECONNREFUSED, "It failed: Connection refused"},
		{&os.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, os.ErrNotExist, "It failed: No such file or directory"},
		{syscall.EPIPE, syscall.EPIPE, "It failed: Broken pipe"},
		{syscall.ENOSPC, syscall.ENOSPC, "It failed: No space left on device"},
		{syscall.EINVAL, syscall.EINVAL, "It failed: Invalid argument"},
		{syscall.EIO, syscall.EIO, "It failed: Input/output error"},
		{syscall.Errno(9999), syscall.Errno(9999), "It failed: Errno 9999"},
		{os.ErrClosed, os.ErrClosed, "It failed: file already closed"},
		{&net.OpError{Op: "dial", Err: context.Canceled}, context.Canceled, "It failed: context canceled"},
		{io.ErrUnexpectedEOF, io.ErrUnexpectedEOF, "It failed: unexpected EOF"},
	} {
		err := fail("It failed", test.err)
		if err.Error() != test.want || !errors.Is(err, test.is) {
			t.Errorf("%v; want %s", err, test.want)
		}
		if Hint(err) != "" {
			t.Errorf("%v has a hint", err)
		}
	}
	if Hint(nil) != "" {
		t.Error("nothing has a hint")
	}
}
