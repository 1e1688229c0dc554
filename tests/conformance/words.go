package conformance

import (
	"fmt"
	"strconv"
	"strings"
)

// words splits a line at blanks, except between single quotes, which go away.
func words(line string) []string {
	var out []string
	var word strings.Builder
	inWord, quoted := false, false
	for _, r := range line {
		switch {
		case r == '\'':
			quoted, inWord = !quoted, true
		case r == ' ' && !quoted:
			if inWord {
				out = append(out, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		out = append(out, word.String())
	}
	return out
}

// rawBytes reads Go strings, each of which may be repeated: "[" x1024 "]".
func rawBytes(text string) (string, error) {
	var b strings.Builder
	last := ""
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if times, ok := strings.CutPrefix(text, "x"); ok {
			word, rest, _ := strings.Cut(times, " ")
			n, err := strconv.Atoi(word)
			if err != nil {
				return "", err
			}
			b.WriteString(strings.Repeat(last, n-1))
			text = rest
			continue
		}
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return "", fmt.Errorf("not a Go string: %s", text)
		}
		if last, err = strconv.Unquote(quoted); err != nil {
			return "", err
		}
		b.WriteString(last)
		text = text[len(quoted):]
	}
	return b.String(), nil
}
