package inspect

import (
	"errors"
	"fmt"
	"io"

	"qmpmigrate/core/vmstate"
)

// Error says where a stream is bad.
type Error struct {
	Section string // idstr of the section, or the kind of the element
	Offset  int64  // of the stream; at most a few bytes behind the defect
	Err     error
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s, at offset 0x%x of the stream: %v", e.Section, e.Offset, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// errEnds is a stream that stops where more was due.
var errEnds = fmt.Errorf("the stream ends too early: %w", io.ErrUnexpectedEOF)

func ends(err error) error {
	if errors.Is(err, vmstate.ErrNoFooter) {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errEnds
	}
	return err
}

// bodyOffset adds where in a body a defect is to where the body is.
func bodyOffset(err error, body int64) int64 {
	if d, ok := errors.AsType[*vmstate.DissectError](err); ok {
		return body + int64(d.Offset)
	}
	return body
}
