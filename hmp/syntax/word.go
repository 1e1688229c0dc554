package syntax

import (
	"errors"
	"fmt"
)

// ErrNoWord is what reading a word returns at the end of the line.
var ErrNoWord = errors.New("word expected")

// Word reads a word that ends at white space, or a "quoted" one with escapes. Of a long one the beginning is kept. On
// an error there is no sense in reading on.
func (s *Scanner) Word() (string, error) {
	if s.SkipBlanks() {
		return "", ErrNoWord
	}
	if s.Accept('"') {
		return s.quoted()
	}
	start := s.pos
	for s.pos < len(s.text) && !isSpace(s.text[s.pos]) {
		s.pos++
	}
	return s.text[start:min(s.pos, start+maxWord)], nil
}

func (s *Scanner) quoted() (string, error) {
	var word []byte
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		s.pos++
		if c == '"' {
			return string(word), nil
		}
		if c == '\\' {
			var err error
			if c, err = s.escape(); err != nil {
				return "", err
			}
		}
		if len(word) < maxWord {
			word = append(word, c)
		}
	}
	return "", errors.New("unterminated string")
}

// escape reads what follows a backslash.
func (s *Scanner) escape() (byte, error) {
	c := s.peek()
	s.pos = min(s.pos+1, len(s.text))
	switch c {
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case '\\', '\'', '"':
		return c, nil
	}
	return 0, fmt.Errorf("unsupported escape code: '\\%c'", rune(c))
}

// Words splits a line into at most limit words; ok is false where that cannot be done.
func Words(line string, limit int) (words []string, ok bool) {
	s := NewScanner(line)
	for !s.SkipBlanks() {
		if len(words) == limit {
			return nil, false
		}
		word, err := s.Word()
		if err != nil {
			return nil, false
		}
		words = append(words, word)
	}
	return words, true
}
