package vmstate

import (
	"fmt"
	"syscall"
)

// LoadError says which field could not be loaded. Nested structs nest these
// errors, the outermost first.
type LoadError struct {
	Description string // name of the description
	Field       string
	Offset      int64 // of the reader, where the field begins
	Err         error
}

func (e *LoadError) Error() string {
	return fmt.Sprintf("Failed to load %s:%s: %v", e.Description, e.Field, e.Err)
}

// Unwrap gives the cause.
func (e *LoadError) Unwrap() error { return e.Err }

// failure is a message with the error number that a destination reports.
type failure struct {
	errno syscall.Errno
	text  string
}

func (f *failure) Error() string { return f.text }

func (f *failure) Unwrap() error { return f.errno }

func fail(errno syscall.Errno, format string, a ...any) error {
	return &failure{errno, fmt.Sprintf(format, a...)}
}
