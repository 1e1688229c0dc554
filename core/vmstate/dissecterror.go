package vmstate

import "fmt"

// DissectError says where a body and its description do not agree.
type DissectError struct {
	Device   string
	Instance uint32
	Field    string // path of names, empty for the device itself
	Offset   int    // in the body
	Err      error
}

func (e *DissectError) Error() string {
	where := ""
	if e.Field != "" {
		where = fmt.Sprintf(" field %s", e.Field)
	}
	return fmt.Sprintf("section %q instance %d:%s at byte 0x%x of the body: %v",
		e.Device, e.Instance, where, e.Offset, e.Err)
}

// Unwrap gives the cause.
func (e *DissectError) Unwrap() error { return e.Err }
