package shell

import "strings"

// word is one of a line: NAME, or NAME=VALUE.
type word struct {
	begin  int // in the line
	name   string
	value  string
	given  bool // there is a value
	quoted bool // the value was in quotes, which are still around it
	open   bool // a quote or a bracket was not closed
}

// split takes a line apart at its blanks. A value may hold some where it is in
// quotes, or is an object or a list of JSON's.
func split(line string) []word {
	var words []word
	for at := 0; ; {
		at += len(line[at:]) - len(strings.TrimLeft(line[at:], " \t"))
		if at == len(line) {
			return words
		}
		w := word{begin: at}
		end := at + strings.IndexAny(line[at:]+" ", " \t=")
		w.name = line[at:end]
		if end < len(line) && line[end] == '=' {
			w.given = true
			n, closed := valueLength(line[end+1:])
			w.value = line[end+1 : end+1+n]
			w.open = !closed
			w.quoted = closed && n > 1 && (w.value[0] == '"' || w.value[0] == '\'')
			end += 1 + n
		}
		words = append(words, w)
		at = end
	}
}

// valueLength finds where the value ends with which text begins.
func valueLength(text string) (n int, closed bool) {
	depth, quote := 0, byte(0)
	grouped := text != "" && strings.IndexByte(`{["'`, text[0]) >= 0
	for n < len(text) {
		c := text[n]
		switch {
		case !grouped:
			if c == ' ' || c == '\t' {
				return n, true
			}
		case quote != 0:
			switch c {
			case '\\':
				n++ // and what follows
			case quote:
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case depth == 0 && (c == ' ' || c == '\t'):
			return n, true
		}
		n++
	}
	return min(n, len(text)), quote == 0 && depth <= 0
}
