// Package syntax reads the lines of the text monitor: names of commands, words, expressions, sizes and formats. Errors
// are the texts that users see.
package syntax

import "strings"

// Scanner reads a line from its beginning to its end.
type Scanner struct {
	text string
	pos  int
}

// NewScanner returns a scanner of text. A NUL byte ends it, as it ends a C string.
func NewScanner(text string) *Scanner {
	text, _, _ = strings.Cut(text, "\x00")
	return &Scanner{text: text}
}

// Rest is what was not read yet.
func (s *Scanner) Rest() string { return s.text[s.pos:] }

// Before is what was read, as it was typed.
func (s *Scanner) Before() string { return s.text[:s.pos] }

// SkipBlanks passes over white space and tells whether the end is reached.
func (s *Scanner) SkipBlanks() (atEnd bool) {
	for s.pos < len(s.text) && isSpace(s.text[s.pos]) {
		s.pos++
	}
	return s.pos == len(s.text)
}

// Name reads the name of a command: up to white space or a slash, and cut off where QEMU cuts it.
func (s *Scanner) Name() string {
	s.SkipBlanks()
	start := s.pos
	for s.pos < len(s.text) && s.text[s.pos] != '/' && !isSpace(s.text[s.pos]) {
		s.pos++
	}
	return s.text[start:min(s.pos, start+maxName)]
}

// Remainder reads all that is left, after white space.
func (s *Scanner) Remainder() string {
	s.SkipBlanks()
	rest := s.Rest()
	s.pos = len(s.text)
	return rest
}

// Accept passes over c if it comes next.
func (s *Scanner) Accept(c byte) bool {
	if s.peek() != c || s.pos == len(s.text) {
		return false
	}
	s.pos++
	return true
}

// peek is the next byte, or 0 at the end.
func (s *Scanner) peek() byte {
	if s.pos == len(s.text) {
		return 0
	}
	return s.text[s.pos]
}

// TrimBlanks is text without the white space at its end.
func TrimBlanks(text string) string { return strings.TrimRight(text, blanks) }

const blanks = " \t\n\v\f\r"

func isSpace(c byte) bool { return strings.IndexByte(blanks, c) >= 0 }
