package syntax

import (
	"fmt"
	"strconv"
	"strings"
)

// Expr reads an expression of 64-bit integers. + and - bind least, then & | ^, then * / %, then signs and ~; numbers
// are C's, 'c' is a character's code.
func (s *Scanner) Expr() (int64, error) {
	s.SkipBlanks()
	e := expr{Scanner: s}
	value := e.sum()
	return value, e.err
}

// expr is an expression that is being read. The first error sticks, and everything after it has no effect.
type expr struct {
	*Scanner
	depth int
	err   error
}

func (e *expr) fail(format string, args ...any) int64 {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
	return 0
}

// operator passes over one of the given operators and white space after it; 0 when none comes.
func (e *expr) operator(of string) byte {
	op := e.peek()
	if op == 0 || e.err != nil || strings.IndexByte(of, op) < 0 {
		return 0
	}
	e.pos++
	e.SkipBlanks()
	return op
}

func (e *expr) sum() int64 {
	value := e.logic()
	for {
		switch e.operator("+-") {
		case '+':
			value += e.logic()
		case '-':
			value -= e.logic()
		default:
			return value
		}
	}
}

func (e *expr) logic() int64 {
	value := e.product()
	for {
		switch e.operator("&|^") {
		case '&':
			value &= e.product()
		case '|':
			value |= e.product()
		case '^':
			value ^= e.product()
		default:
			return value
		}
	}
}

func (e *expr) product() int64 {
	value := e.unary()
	for {
		op := e.operator("*/%")
		if op == 0 {
			return value
		}
		other := e.unary()
		switch {
		case op == '*':
			value *= other
		case e.err != nil:
		case other == 0:
			e.fail("division by zero")
		case op == '/':
			value /= other
		default:
			value %= other
		}
	}
}

func (e *expr) unary() int64 {
	if e.depth++; e.depth > maxDepth {
		return e.fail("expression is nested too deeply")
	}
	defer func() { e.depth-- }()
	switch e.operator("+-~(") {
	case '+':
		return e.unary()
	case '-':
		return -e.unary()
	case '~':
		return ^e.unary()
	case '(':
		value := e.sum()
		if e.operator(")") == 0 {
			e.fail("')' expected")
		}
		return value
	}
	return e.atom()
}

func (e *expr) atom() int64 {
	switch c := e.peek(); {
	case e.err != nil:
		return 0
	case c == 0:
		return e.fail("unexpected end of expression")
	case c == '\'':
		return e.character()
	case c == '$':
		return e.fail("unknown register")
	case c < '0' || c > '9':
		return e.fail("invalid char '%s' in expression", string([]byte{c}))
	}
	return e.number()
}

// character reads 'c'; bytes are signed, as C's are where QEMU runs mostly.
func (e *expr) character() int64 {
	e.pos++
	c := e.peek()
	if c == 0 {
		return e.fail("character constant expected")
	}
	e.pos++
	if e.peek() != '\'' {
		return e.fail("missing terminating ' character")
	}
	e.pos++
	e.SkipBlanks()
	return int64(int8(c))
}

// number reads decimal, 0x and octal digits, as many as belong to it.
func (e *expr) number() int64 {
	base, digits := 10, e.Rest()
	switch lower := strings.ToLower(digits[:min(3, len(digits))]); {
	case len(lower) == 3 && lower[:2] == "0x" && isDigit(lower[2], 16):
		base, digits = 16, digits[2:]
		e.pos += 2
	case lower[0] == '0':
		base = 8
	}
	end := 0
	for end < len(digits) && isDigit(digits[end], base) {
		end++
	}
	e.pos += end
	e.SkipBlanks()
	value, err := strconv.ParseUint(digits[:end], base, 64)
	if err != nil {
		return e.fail("number too large")
	}
	return int64(value)
}

func isDigit(c byte, base int) bool {
	if base == 16 {
		return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
	}
	return c >= '0' && int(c-'0') < base
}
