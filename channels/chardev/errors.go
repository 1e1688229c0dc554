package chardev

import (
	"errors"
	"fmt"
	"syscall"

	"qmpmigrate/channels"
)

// failed says what could not be done, and the system's reason as QEMU words it.
func failed(err error, format string, a ...any) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		err = errno
	}
	return &channels.Error{Op: fmt.Sprintf(format, a...), Err: err}
}
