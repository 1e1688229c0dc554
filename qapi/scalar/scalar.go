// Package scalar reads numbers, sizes and switches from text as QEMU's grammars do.
package scalar

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Why a number cannot be read; the grammars word it each in their own way.
var (
	ErrSyntax = errors.New("not a number")
	ErrRange  = errors.New("number out of range")
)

// Bool reads a switch: on, yes, true or y; off, no, false or n; lower case only.
func Bool(text string) (value, ok bool) {
	switch text {
	case "on", "yes", "true", "y":
		return true, true
	case "off", "no", "false", "n":
		return false, true
	}
	return false, false
}

// Uint reads a number as C's strtoull with base 0 does: 0x and 0 prefixes choose the base, blanks and a sign may
// come first, and a negative number wraps. Errors are ErrSyntax and ErrRange.
func Uint(text string) (uint64, error) {
	digits, negative := Signed(text)
	value, err := Magnitude(digits)
	if err == nil && negative {
		value = -value
	}
	return value, err
}

// Int reads a signed number in the same notation. Errors are ErrSyntax and ErrRange.
func Int(text string) (int64, error) {
	digits, negative := Signed(text)
	value, err := Magnitude(digits)
	switch {
	case err != nil:
		return 0, err
	case negative && value <= -math.MinInt64:
		return int64(-value), nil
	case negative || value > math.MaxInt64:
		return 0, ErrRange
	}
	return int64(value), nil
}

// Signed takes leading white space and one sign off text.
func Signed(text string) (digits string, negative bool) {
	text = strings.TrimLeft(text, " \t\n\v\f\r")
	switch {
	case strings.HasPrefix(text, "-"):
		return text[1:], true
	case strings.HasPrefix(text, "+"):
		return text[1:], false
	}
	return text, false
}

// Magnitude reads a number like Uint, without white space and sign.
func Magnitude(digits string) (uint64, error) {
	base := 10
	switch {
	case strings.HasPrefix(digits, "0x"), strings.HasPrefix(digits, "0X"):
		base, digits = 16, digits[2:]
	case len(digits) > 1 && digits[0] == '0':
		base, digits = 8, digits[1:]
	}
	// With an explicit base, strconv takes no sign and no '_': just what C takes here.
	value, err := strconv.ParseUint(digits, base, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, ErrRange
	} else if err != nil {
		return 0, ErrSyntax
	}
	return value, nil
}
