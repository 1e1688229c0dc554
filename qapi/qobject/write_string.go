package qobject

import "unicode/utf16"

const upperHex = "0123456789ABCDEF"

// AppendString appends s as a quoted JSON string in pure ASCII: everything outside 20..7E becomes \uXXXX with
// upper-case digits (a pair of them beyond the basic plane), and bytes that are no UTF-8 become \uFFFD.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		if c < 0x7f {
			b = appendEscaped(b, c)
			i++
		} else {
			cp, n := decodeRune(s[i:])
			if cp < 0 {
				cp = 0xfffd
			}
			b = appendUnicode(b, cp)
			i += n
		}
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

func appendEscaped(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return appendHex4(b, uint16(c))
}

func appendUnicode(b []byte, cp rune) []byte {
	if cp < 0x10000 {
		return appendHex4(b, uint16(cp))
	}
	high, low := utf16.EncodeRune(cp)
	return appendHex4(appendHex4(b, uint16(high)), uint16(low))
}

func appendHex4(b []byte, v uint16) []byte {
	return append(b, '\\', 'u', upperHex[v>>12], upperHex[v>>8&15], upperHex[v>>4&15], upperHex[v&15])
}
