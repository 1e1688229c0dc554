// Package screen is a terminal as far as a line editor needs one: it shows what is written to it.
package screen

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Screen has as many rows as are written, and no right margin. The zero value is empty.
type Screen struct {
	rows     [][]rune
	row, col int
	partial  string // of a character or sequence
	faults   []string
}

// Write shows b. It never fails; see Faults.
func (s *Screen) Write(b []byte) (int, error) {
	text := s.partial + string(b)
	for s.partial = ""; text != ""; {
		n := s.show(text)
		if n == 0 {
			s.partial = text
			break
		}
		text = text[n:]
	}
	return len(b), nil
}

// show takes one character or sequence and returns its length, 0 where it is not complete.
func (s *Screen) show(text string) int {
	switch {
	case text[0] == 0x1b:
		return s.escape(text)
	case text[0] == '\r':
		s.col = 0
		return 1
	case text[0] == '\n':
		s.row++
		return 1
	case !utf8.FullRuneInString(text):
		return 0
	}
	r, n := utf8.DecodeRuneInString(text)
	s.put(r)
	return n
}

func (s *Screen) escape(text string) int {
	if len(text) < 3 {
		return 0
	}
	end := strings.IndexAny(text[2:], "ABCDHJKZ")
	if end < 0 {
		return 0
	}
	end += 2
	count := 1
	if n, err := strconv.Atoi(text[2:end]); err == nil {
		count = n
	}
	switch text[end] {
	case 'C':
		s.col += count
	case 'D':
		if s.col -= count; s.col < 0 {
			s.fault("the cursor leaves the screen")
			s.col = 0
		}
	case 'H':
		s.row, s.col = 0, 0
	case 'J':
		s.rows = nil
	case 'K':
		row := s.cells()
		*row = (*row)[:min(s.col, len(*row))]
	default:
		s.fault("unknown sequence %q", text[:end+1])
	}
	return end + 1
}

func (s *Screen) fault(format string, args ...any) {
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

func (s *Screen) put(r rune) {
	row := s.cells()
	for len(*row) <= s.col {
		*row = append(*row, ' ')
	}
	(*row)[s.col] = r
	s.col++
}

// cells is the row of the cursor.
func (s *Screen) cells() *[]rune {
	for len(s.rows) <= s.row {
		s.rows = append(s.rows, nil)
	}
	return &s.rows[s.row]
}

// Line is the row of the cursor, and Column the cursor's place in it.
func (s *Screen) Line() string { return string(*s.cells()) }

// Column is where the cursor is in its row.
func (s *Screen) Column() int { return s.col }

// Rows are all rows from the top.
func (s *Screen) Rows() []string {
	rows := make([]string, len(s.rows))
	for i, row := range s.rows {
		rows[i] = string(row)
	}
	return rows
}

// Faults are what no line editor should have sent.
func (s *Screen) Faults() []string { return s.faults }
