package qobject

import (
	"unicode/utf16"
	"unicode/utf8"
)

// unquote reads a string token, quotes included.
func (b *builder) unquote(token []byte) (any, *ParseError) {
	body := token[1 : len(token)-1]
	plain := 0
	for plain < len(body) && body[plain] != '\\' && body[plain] < utf8.RuneSelf {
		plain++
	}
	if plain == len(body) {
		return b.names.box(body), nil
	}
	out := b.text[:0]
	out = append(out, body[:plain]...)
	for i := plain; i < len(body); {
		switch c := body[i]; {
		case c == '\\':
			cp, n, err := unescape(token[1+i:])
			if err != nil {
				return nil, err
			}
			out = utf8.AppendRune(out, cp)
			i += n
		case c < utf8.RuneSelf:
			out = append(out, c)
			i++
		default:
			cp, n := decodeRune(body[i:])
			if cp < 0 {
				return nil, syntaxErrorf("invalid UTF-8 sequence in string")
			}
			out = utf8.AppendRune(out, cp)
			i += n
		}
	}
	v := b.names.box(out)
	if b.text = out; cap(out) > keepScratch {
		b.text = nil
	}
	return v, nil
}

// unescape reads the escape sequence that text begins with; text goes on to the end of the token, so at least a
// closing quote follows the backslash and its letter. It returns the character and the length of the sequence.
func unescape(text []byte) (cp rune, n int, err *ParseError) {
	switch text[1] {
	case '"', '\'', '\\', '/':
		return rune(text[1]), 2, nil
	case 'b':
		return '\b', 2, nil
	case 'f':
		return '\f', 2, nil
	case 'n':
		return '\n', 2, nil
	case 'r':
		return '\r', 2, nil
	case 't':
		return '\t', 2, nil
	case 'u':
		cp, n = unescapeUnicode(text)
		if !validRune(cp) {
			return 0, 0, syntaxErrorf("%s is not a valid Unicode character", text[:min(n, len(text))])
		}
		return cp, n, nil
	}
	return 0, 0, syntaxErrorf("invalid escape sequence in string")
}

// unescapeUnicode reads one \uXXXX, or two that form a surrogate pair. cp is not valid when it is no character; n then
// says how much of text to show.
func unescapeUnicode(text []byte) (cp rune, n int) {
	cp = hex4(text[2:])
	if !utf16.IsSurrogate(cp) || len(text) < 8 || text[6] != '\\' || text[7] != 'u' {
		return cp, 6
	}
	if pair := utf16.DecodeRune(cp, hex4(text[8:])); pair != utf8.RuneError {
		return pair, 12
	}
	return cp, 6
}

// hex4 reads four hexadecimal digits, or returns -1.
func hex4(text []byte) rune {
	if len(text) < 4 {
		return -1
	}
	v := rune(0)
	for _, c := range text[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		v = v<<4 | rune(c)
	}
	return v
}
