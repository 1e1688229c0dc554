package qobject

import "math/bits"

// decodeRune reads one character of modified UTF-8 (U+0000 may be C0 80) from the start of s, which must not be empty.
// It returns the code point, or -1 for anything that is not one valid character, and the number of bytes it covers:
// for a broken sequence these are the first byte and the continuation bytes that belong to it, so that each broken
// sequence is replaced by exactly one substitute.
func decodeRune[T string | []byte](s T) (cp rune, size int) {
	lead := s[0]
	if lead < 0x80 {
		return rune(lead), 1
	}
	want := bits.LeadingZeros8(^lead) // length that the lead byte announces; five and six are history, but consumed whole
	if want < 2 || want > 6 {
		return -1, 1
	}
	cp = rune(lead & (0x7f >> want))
	for size = 1; size < want; size++ {
		if size == len(s) || s[size]&0xc0 != 0x80 {
			return -1, size
		}
		cp = cp<<6 | rune(s[size]&0x3f)
	}
	if !validRune(cp) || overlong(cp, want) {
		return -1, want
	}
	return cp, want
}

// overlong tells whether cp has an encoding shorter than size bytes; the two-byte NUL is wanted.
func overlong(cp rune, size int) bool {
	switch size {
	case 2:
		return cp < 0x80 && cp != 0
	case 3:
		return cp < 0x800
	case 4:
		return cp < 0x10000
	}
	return true // nothing valid needs five bytes
}

// validRune tells whether cp is a character: no surrogate, no noncharacter, not beyond the last plane.
func validRune(cp rune) bool {
	switch {
	case cp < 0 || cp > 0x10ffff:
		return false
	case cp >= 0xd800 && cp <= 0xdfff, cp >= 0xfdd0 && cp <= 0xfdef:
		return false
	}
	return cp&0xfffe != 0xfffe
}
