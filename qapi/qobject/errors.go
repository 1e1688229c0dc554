package qobject

import (
	"bytes"
	"fmt"
)

// ParseError says why input is not a value, in QEMU's words. Text may quote input bytes, whatever they are.
type ParseError struct{ Text string }

func (e *ParseError) Error() string { return e.Text }

func syntaxErrorf(format string, args ...any) *ParseError {
	return &ParseError{"JSON parse error, " + fmt.Sprintf(format, args...)}
}

// strayError reports bytes that no token can hold. Like a C string, the quoted text ends before a NUL.
func strayError(text []byte) *ParseError {
	text, _, _ = bytes.Cut(text, []byte{0})
	return syntaxErrorf("stray '%s'", text)
}

func limitError(what string) *ParseError {
	return &ParseError{"JSON " + what + " limit exceeded"}
}
