package block

import (
	"errors"
	"fmt"
	"syscall"
)

var (
	errClosed   = errors.New("the disk is closed")
	errReadOnly = error(syscall.EPERM)
)

// Strerror is the text of the system's error in err as the C library has it,
// which differs from Go's by the capital letter; err's own text where it has none.
func Strerror(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	text := errno.Error()
	if text != "" && text[0] >= 'a' && text[0] <= 'z' {
		text = string(text[0]-'a'+'A') + text[1:]
	}
	return text
}

// Failed makes "text: reason" of an error of the system, which it wraps.
func Failed(err error, format string, args ...any) error {
	return &failure{fmt.Sprintf(format, args...) + ": " + Strerror(err), err}
}

type failure struct {
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }
