package vfiosim

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// driverError is an error of the host's driver, with the C library's text.
type driverError syscall.Errno

// The errors that there are.
const (
	errIO      = driverError(syscall.EIO)
	errInvalid = driverError(syscall.EINVAL)
)

func (e driverError) Error() string {
	text := syscall.Errno(e).Error()
	return strings.ToUpper(text[:1]) + text[1:]
}

func (e driverError) Unwrap() error { return syscall.Errno(e) }

// refused is what is said of an approval that the destination did not take.
func refused(name string, err error) error {
	errno, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return fmt.Errorf("%s: qemu_loadvm_approve_switchover failed: %w", name, err)
	}
	return fmt.Errorf("%s: qemu_loadvm_approve_switchover failed, err=%d (%w)", name, -int(errno), driverError(errno))
}
