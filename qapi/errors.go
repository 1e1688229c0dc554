package qapi

import (
	"errors"
	"fmt"

	"qmpmigrate/qapi/qobject"
)

// ErrorClass tells a client's code what kind of failure it met; everything else in an error is for people.
type ErrorClass string

// The error classes of the protocol.
const (
	GenericError    ErrorClass = "GenericError"    // everything that has no class of its own
	CommandNotFound ErrorClass = "CommandNotFound" // unknown or disabled command, or before/after negotiation
	DeviceNotActive ErrorClass = "DeviceNotActive" // the subsystem asked for is there but not in use
	DeviceNotFound  ErrorClass = "DeviceNotFound"  // no object of that name
	KVMMissingCap   ErrorClass = "KVMMissingCap"   // the accelerator lacks a needed capability
)

// Error is a command's failure as a client sees it.
type Error struct {
	Class ErrorClass
	Desc  string
}

// Errorf makes an Error of class GenericError.
func Errorf(format string, a ...any) *Error {
	return ClassErrorf(GenericError, format, a...)
}

// ClassErrorf makes an Error of the given class.
func ClassErrorf(class ErrorClass, format string, a ...any) *Error {
	return &Error{Class: class, Desc: fmt.Sprintf(format, a...)}
}

// AsError returns the Error that err is or wraps; any other error becomes one of class GenericError. nil stays nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Class: GenericError, Desc: err.Error()}
}

func (e *Error) Error() string { return e.Desc }

// AppendJSON appends the value of a reply's "error" member.
func (e *Error) AppendJSON(b []byte) []byte {
	b = qobject.AppendString(append(b, `{"class": `...), string(e.Class))
	b = qobject.AppendString(append(b, `, "desc": `...), e.Desc)
	return append(b, '}')
}
