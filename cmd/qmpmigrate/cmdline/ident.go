package cmdline

import "strings"

// idWellFormed tells whether an id may name anything: a letter, then letters, digits, '-', '.' and '_'.
func idWellFormed(id string) bool {
	if id == "" || !isLetter(id[0]) {
		return false
	}
	for i := range len(id) {
		if c := id[i]; !isLetter(c) && !isDigit(c) && !strings.ContainsRune("-._", rune(c)) {
			return false
		}
	}
	return true
}

func malformedID() *Error {
	e := expects("id", "an identifier")
	e.Hints = []string{"Identifiers consist of letters, digits, '-', '.', '_', starting with a letter."}
	return e
}

// qapiNameLen returns the length of the QAPI name that text starts with, or 0 if it starts with none. A name starts
// with a letter; a vendor's prefix such as "__com.example_" may come first.
func qapiNameLen(text string) int {
	start := 0
	if strings.HasPrefix(text, "__") {
		start = 2
		for start < len(text) && (isLetter(text[start]) || isDigit(text[start]) || text[start] == '-' || text[start] == '.') {
			start++
		}
		if start == len(text) || text[start] != '_' {
			return 0
		}
		start++
	}
	if start == len(text) || !isLetter(text[start]) {
		return 0
	}
	end := start + 1
	for end < len(text) && (isLetter(text[end]) || isDigit(text[end]) || text[end] == '-' || text[end] == '_') {
		end++
	}
	return end
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// isHelp tells whether a word asks for help.
func isHelp(word string) bool { return word == "help" || word == "?" }
