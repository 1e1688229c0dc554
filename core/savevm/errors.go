package savevm

import (
	"errors"
	"fmt"
	"io"
)

// LoadError says where in the stream loading failed, and why.
type LoadError struct {
	// Section is the idstr of the section, or what stood in its place.
	Section string
	// Instance is its instance id.
	Instance uint32
	// ID is the source's number for the section.
	ID uint32
	// First is true for START and FULL sections, which name their device;
	// Unnamed for what is no section.
	First, Unnamed bool
	// Offset is how many bytes of the stream had been taken.
	Offset int64
	Err    error
}

func (e *LoadError) Error() string {
	at := fmt.Sprintf("at offset %d of the stream: %v", e.Offset, e.Err)
	switch {
	case e.Unnamed:
		return fmt.Sprintf("%s, %s", e.Section, at)
	case e.First:
		return fmt.Sprintf("error while loading state for instance 0x%x of device '%s', %s", e.Instance, e.Section, at)
	}
	return fmt.Sprintf("error while loading state section id %d(%s), %s", e.ID, e.Section, at)
}

func (e *LoadError) Unwrap() error { return e.Err }

// ended gives the end of the stream its name; other errors stay.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errEnded
	}
	return err
}

// errEnded is a stream that stops where more was due.
var errEnded = fmt.Errorf("Input/output error: %w", io.ErrUnexpectedEOF)
