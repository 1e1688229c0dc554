package object

import (
	"fmt"

	"qmpmigrate/channels"
)

// failed says what could not be done, and the system's reason as QEMU words it.
func failed(err error, format string, a ...any) error {
	return &channels.Error{Op: fmt.Sprintf(format, a...), Err: err}
}
