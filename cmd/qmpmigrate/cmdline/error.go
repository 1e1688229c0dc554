package cmdline

import (
	"fmt"
	"strconv"
	"strings"
)

// Origin is the place that a message is about: an option with its argument, an operand, or a line of a file of
// options. The zero Origin stands for the command line as a whole and adds nothing to a message.
type Origin struct {
	Option   string // as shown, with one dash: "-qmp"; an operand as it was typed
	Value    string // the option's argument, if HasValue
	HasValue bool

	File string // set instead of Option for a line of a file
	Line int    // counted from 1; 0 for the file as a whole
}

// String returns the place as messages show it, without a trailing colon; empty for the zero Origin.
func (o Origin) String() string {
	switch {
	case o.File != "" && o.Line == 0:
		return o.File
	case o.File != "":
		return o.File + ":" + strconv.Itoa(o.Line)
	case o.HasValue:
		return o.Option + " " + o.Value
	}
	return o.Option
}

// Errorf makes an Error about this place. Later stages use it for what parsing alone cannot find out, so that
// "Failed to bind socket" names its option just as a syntax error does.
func (o Origin) Errorf(format string, args ...any) *Error {
	return &Error{Origin: o, Text: fmt.Sprintf(format, args...)}
}

// prefix returns what a message starts with: "PROG: ", "PROG: -opt value: " or "PROG:FILE:LINE: ".
func (o Origin) prefix(prog string) string {
	switch place := o.String(); {
	case o.File != "":
		return prog + ":" + place + ": "
	case place != "":
		return prog + ": " + place + ": "
	}
	return prog + ": "
}

// Error is a command line that cannot be used. The process prints it and exits with status 1.
type Error struct {
	Origin
	Text  string
	Hints []string // lines that follow Text, printed without prefix
	Then  string   // a second message about the same place, with its own prefix; empty for none
}

// Error returns place and text in one line.
func (e *Error) Error() string {
	if place := e.Origin.String(); place != "" {
		return place + ": " + e.Text
	}
	return e.Text
}

// Render returns all lines as they go to stderr, each with its line end. prog is the program's name as shown to the
// user; whatever else each message shall start with (a time stamp, the guest's name) goes in front of it.
func (e *Error) Render(prog string) string {
	text := render(e.prefix(prog), e.Text, e.Hints)
	if e.Then != "" {
		text += e.prefix(prog) + e.Then + "\n"
	}
	return text
}

func render(prefix, text string, hints []string) string {
	var b strings.Builder
	b.WriteString(prefix + text + "\n")
	for _, hint := range hints {
		b.WriteString(hint + "\n")
	}
	return b.String()
}

// fail makes an Error that has no place yet; the walk over the arguments adds the option at fault.
func fail(format string, args ...any) *Error {
	return &Error{Text: fmt.Sprintf(format, args...)}
}

// The complaints that many options share.

func invalidParameter(name string) *Error { return fail("Invalid parameter '%s'", name) }
func missing(name string) *Error          { return fail("Parameter '%s' is missing", name) }
func expects(name, what string) *Error    { return fail("Parameter '%s' expects %s", name, what) }
func notAccepted(name, value string) *Error {
	return fail("Parameter '%s' does not accept value '%s'", name, value)
}
func duplicateID(id, list string) *Error { return fail("Duplicate ID '%s' for %s", id, list) }
