package stream

import (
	"errors"
	"fmt"
	"io"
)

// EIO names the end of the stream as QEMU does: an input/output error.
func EIO(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("Input/output error: %w", io.ErrUnexpectedEOF)
	}
	return err
}
