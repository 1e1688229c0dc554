package scalar

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// SizeHints follow the error text of a size that cannot be read.
func SizeHints() []string {
	return []string{
		"Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-",
		"and exabytes, respectively.",
	}
}

// Size reads a number of bytes: decimal digits, perhaps a fraction, and one of the suffixes B K M G T P E in either
// case, powers of 1024. A fraction that is not zero needs a suffix above B. Hexadecimal has neither. Errors are
// ErrSyntax, and ErrRange for negative numbers and those of 2^64 and more.
func Size(text string) (uint64, error) { return wholeSize(text, 'B') }

// SizeMiB is Size, except that a number without a suffix counts MiB.
func SizeMiB(text string) (uint64, error) { return wholeSize(text, 'M') }

// CutSizeMiB reads a size like SizeMiB from the beginning of text and returns what follows it.
func CutSizeMiB(text string) (value uint64, rest string, err error) { return cutSize(text, 'M') }

func wholeSize(text string, unit byte) (uint64, error) {
	value, rest, err := cutSize(text, unit)
	if rest != "" {
		return 0, ErrSyntax // also where the number is too large
	}
	return value, err
}

func cutSize(text string, unit byte) (value uint64, rest string, err error) {
	digits, negative := Signed(text)
	if hex, ok := cutHex(digits); ok && !negative {
		return cutHexSize(hex, unit)
	}
	whole, rest := leadingDigits(digits)
	if negative && whole != "" {
		return 0, rest, ErrRange
	}
	var fraction string
	if after, dotted := strings.CutPrefix(rest, "."); dotted {
		fraction, rest = leadingDigits(after)
	}
	switch {
	case whole == "" && fraction == "":
		return 0, text, ErrSyntax
	case negative:
		return 0, rest, ErrRange
	}
	var n uint64
	if whole != "" {
		if n, err = strconv.ParseUint(whole, 10, 64); err != nil {
			return 0, rest, ErrRange
		}
	}
	shift, rest := cutSuffix(rest, unit)
	value, err = scaled(n, fraction, shift)
	return value, rest, err
}

func cutHexSize(digits string, unit byte) (value uint64, rest string, err error) {
	end := strings.IndexFunc(digits, func(c rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", c) })
	if end < 0 {
		end = len(digits)
	}
	if end == 0 {
		return 0, "x" + digits, nil // C's strtoull reads the 0 before the x
	}
	n, err := strconv.ParseUint(digits[:end], 16, 64)
	if err != nil {
		return 0, digits[end:], ErrRange
	}
	rest = digits[end:]
	if shift, after := cutSuffix(rest, unit); len(after) < len(rest) || strings.HasPrefix(rest, ".") {
		return 0, rest, ErrSyntax
	} else {
		value, err = scaled(n, "", shift)
	}
	return value, rest, err
}

func cutHex(digits string) (hex string, ok bool) {
	hex, ok = strings.CutPrefix(digits, "0x")
	if !ok {
		hex, ok = strings.CutPrefix(digits, "0X")
	}
	return hex, ok
}

func leadingDigits(text string) (digits, rest string) {
	end := strings.IndexFunc(text, func(c rune) bool { return c < '0' || c > '9' })
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// cutSuffix returns how far the suffix of text, or else unit, shifts to the left.
func cutSuffix(text string, unit byte) (shift int, rest string) {
	const units = "BKMGTPE"
	if text != "" {
		if i := strings.IndexByte(units, text[0]&^0x20); i >= 0 && text[0] >= 'A' {
			return i * 10, text[1:]
		}
	}
	return strings.IndexByte(units, unit) * 10, text
}

// scaled computes (whole + 0.fraction) << shift, the fraction rounded to the nearest byte.
func scaled(whole uint64, fraction string, shift int) (uint64, error) {
	if bits.Len64(whole)+shift > 64 {
		return 0, ErrRange
	}
	value := whole << shift
	if fraction == "" {
		return value, nil
	}
	part, err := strconv.ParseFloat("0."+fraction, 64)
	if err != nil || part != 0 && shift == 0 {
		return 0, ErrSyntax
	}
	sum, carry := bits.Add64(value, uint64(math.Ldexp(part, shift)+0.5), 0)
	if carry != 0 {
		return 0, ErrRange
	}
	return sum, nil
}
