package syntax

import (
	"fmt"
	"strings"
)

// Format says how values are printed: /COUNT FORMAT SIZE after a command.
type Format struct {
	Count  int
	Letter byte // one of o d u x i c
	Size   int  // bytes of a value: 1, 2, 4 or 8; -1 where none was given for the letter i
}

// Last is what the next command takes its format from, after one that used f. The letter i knows no size.
func (f Format) Last(before Format) Format {
	if f.Letter == 'i' {
		f.Size = before.Size
	}
	return f
}

// DefaultFormat is that of a monitor on which none was given.
func DefaultFormat() Format { return Format{Count: 1, Letter: 'x', Size: 4} }

// Format reads a format if one comes, and takes from last what is not said.
func (s *Scanner) Format(last Format) (Format, error) {
	s.SkipBlanks()
	f := last
	f.Count = 1
	if !s.Accept('/') {
		if f.Letter == 'i' {
			f.Size = -1
		}
		return f, nil
	}
	if c := s.peek(); c >= '0' && c <= '9' {
		f.Count = s.count()
	}
	f.Letter, f.Size = 0, -1
	for s.formatLetter(&f) {
	}
	if c := s.peek(); c != 0 && !isSpace(c) {
		return last, fmt.Errorf("invalid char in format: '%s'", string([]byte{c}))
	}
	if f.Letter == 0 {
		f.Letter = last.Letter
	}
	if f.Letter != 'i' && f.Size < 0 {
		f.Size = last.Size
	}
	return f, nil
}

// formatLetter reads one letter of a format.
func (s *Scanner) formatLetter(f *Format) bool {
	c := s.peek()
	switch {
	case c == 0:
		return false
	case strings.IndexByte("oduxic", c) >= 0:
		f.Letter = c
	case c == 'b':
		f.Size = 1
	case c == 'h':
		f.Size = 2
	case c == 'w':
		f.Size = 4
	case c == 'g' || c == 'L':
		f.Size = 8
	default:
		return false
	}
	s.pos++
	return true
}

// count reads decimal digits, as many as there are; it wraps as a C int does.
func (s *Scanner) count() int {
	var n int32
	for c := s.peek(); c >= '0' && c <= '9'; c = s.peek() {
		n = n*10 + int32(c-'0')
		s.pos++
	}
	return int(n)
}
