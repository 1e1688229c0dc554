package schema

import (
	"fmt"
	"strings"
)

// Pos is a place in a schema file.
type Pos struct {
	File string
	Line int // from 1
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// Error is a fault in a schema, at the place where it was seen.
type Error struct {
	Pos Pos
	Msg string
}

func (e *Error) Error() string { return e.Pos.String() + ": " + e.Msg }

func errorAt(pos Pos, format string, a ...any) error {
	return &Error{Pos: pos, Msg: fmt.Sprintf(format, a...)}
}

type tokenKind byte

// Punctuation is its own kind.
const (
	tokenEOF    tokenKind = 'e'
	tokenString tokenKind = 's'
	tokenWord   tokenKind = 'w'
	tokenDoc    tokenKind = 'd'
)

type token struct {
	kind tokenKind
	text string // of strings and words; the comment's lines without their marks for documentation
	pos  Pos
}

func (t token) String() string {
	switch t.kind {
	case tokenEOF:
		return "end of file"
	case tokenString:
		return "'" + t.text + "'"
	case tokenWord:
		return t.text
	case tokenDoc:
		return "documentation comment"
	}
	return "'" + string(t.kind) + "'"
}

// lexer cuts a file into tokens. Files of a schema are ours, and small: it holds the whole text.
type lexer struct {
	src string
	at  int
	pos Pos
}

func (l *lexer) next() (token, error) {
	for l.at < len(l.src) {
		c := l.src[l.at]
		switch {
		case c == '\n':
			l.pos.Line++
			l.at++
		case c == ' ' || c == '\t' || c == '\r':
			l.at++
		case c == '#':
			if line := l.line(); strings.TrimRight(line, " \t\r") == "##" {
				return l.doc()
			}
			l.skipLine()
		case strings.IndexByte("{}[]:,", c) >= 0:
			l.at++
			return token{kind: tokenKind(c), pos: l.pos}, nil
		case c == '\'':
			return l.string()
		case c >= 'a' && c <= 'z':
			return l.word(), nil
		default:
			return token{}, errorAt(l.pos, "stray %q", string(rune(c)))
		}
	}
	return token{kind: tokenEOF, pos: l.pos}, nil
}

// line returns what is left of the current line, without its end.
func (l *lexer) line() string {
	rest, _, _ := strings.Cut(l.src[l.at:], "\n")
	return rest
}

// skipLine goes to the end of the current line, before the newline.
func (l *lexer) skipLine() { l.at += len(l.line()) }

func (l *lexer) word() token {
	start := l.at
	for l.at < len(l.src) && l.src[l.at] >= 'a' && l.src[l.at] <= 'z' {
		l.at++
	}
	return token{kind: tokenWord, text: l.src[start:l.at], pos: l.pos}
}

// string reads a string. Names need no escapes, so there are none.
func (l *lexer) string() (token, error) {
	line := l.line()
	end := strings.IndexByte(line[1:], '\'')
	if end < 0 {
		return token{}, errorAt(l.pos, "missing terminating \"'\"")
	}
	text := line[1 : 1+end]
	for _, r := range text {
		if r < ' ' || r > '~' || r == '\\' {
			return token{}, errorAt(l.pos, "character %q is not allowed in a string", string(r))
		}
	}
	l.at += end + 2
	return token{kind: tokenString, text: text, pos: l.pos}, nil
}

// doc reads a documentation comment: from a line `##` to the next one.
func (l *lexer) doc() (token, error) {
	t := token{kind: tokenDoc, pos: l.pos}
	var lines []string
	for {
		l.skipLine()
		if l.at == len(l.src) {
			return token{}, errorAt(t.pos, "documentation comment is not ended by '##'")
		}
		l.at++
		l.pos.Line++
		line := strings.TrimRight(l.line(), " \t\r")
		switch {
		case line == "##":
			l.skipLine()
			t.text = strings.Join(lines, "\n")
			return t, nil
		case line == "#":
			lines = append(lines, "")
		case strings.HasPrefix(line, "# "):
			lines = append(lines, line[2:])
		default:
			return token{}, errorAt(l.pos, "line in a documentation comment must begin with '# '")
		}
	}
}
