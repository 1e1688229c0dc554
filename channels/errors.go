package channels

import (
	"context"
	"errors"
	"strings"
	"syscall"
)

// Error is something that a channel could not do, printed in QEMU's way: what failed, a colon, the reason.
type Error struct {
	Op  string // "Unable to write to socket", "Failed to connect to '127.0.0.1:1'"
	Err error  // a syscall.Errno wherever the kernel was asked; os.ErrClosed after Close; a context's error
}

func (e *Error) Error() string {
	if errno, ok := errors.AsType[syscall.Errno](e.Err); ok {
		return e.Op + ": " + strerror(errno)
	}
	return e.Op + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// fail makes an Error whose reason is stripped of what the standard library put around it.
func fail(op string, err error) error {
	for _, bare := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, bare) {
			return &Error{op, bare}
		}
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return &Error{op, errno}
	}
	return &Error{op, err}
}

// strerror is the C library's text: it differs from Go's by the capital letter only.
func strerror(errno syscall.Errno) string {
	text := errno.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}

// hinted is an error with a second line of advice.
type hinted struct {
	error
	hint string
}

// Hint returns the advice that belongs to an error, a line that a command line prints after the message and that is
// not part of it, or "".
func Hint(err error) string {
	if h, ok := errors.AsType[hinted](err); ok {
		return h.hint
	}
	return ""
}
