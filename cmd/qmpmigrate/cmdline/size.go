package cmdline

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// sizeHints follow the error text of a bad size in the QemuOpts grammar.
func sizeHints() []string {
	return []string{
		"Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-",
		"and exabytes, respectively.",
	}
}

// ParseSize reads a number of bytes: decimal digits, perhaps a fraction, and one of the suffixes B K M G T P E in
// either case, powers of 1024. A fraction needs a suffix above B. Hexadecimal has neither. Errors are ErrSyntax, and
// ErrRange for negative numbers and those of 2^64 and more.
func ParseSize(text string) (uint64, error) {
	digits, negative := signed(text)
	if hex, ok := cutHex(digits); ok {
		value, err := magnitude("0x" + hex)
		return belowZero(value, negative, err)
	}
	whole, rest := leadingDigits(digits)
	var fraction string
	dotted := strings.HasPrefix(rest, ".")
	if dotted {
		fraction, rest = leadingDigits(rest[1:])
	}
	if whole == "" && fraction == "" {
		return 0, ErrSyntax
	}
	shift, ok := sizeSuffix(rest)
	if !ok || dotted && shift == 0 {
		return 0, ErrSyntax
	}
	value, err := scaled(whole, fraction, shift)
	return belowZero(value, negative, err)
}

func belowZero(value uint64, negative bool, err error) (uint64, error) {
	if err == nil && negative {
		return 0, ErrRange
	}
	return value, err
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

// sizeSuffix returns how far a suffix shifts to the left.
func sizeSuffix(suffix string) (shift int, ok bool) {
	if suffix == "" {
		return 0, true
	}
	unit := strings.IndexByte("BKMGTPE", suffix[0]&^0x20)
	if len(suffix) > 1 || unit < 0 {
		return 0, false
	}
	return unit * 10, true
}

// scaled computes (whole + 0.fraction) << shift, the fraction rounded to the nearest byte.
func scaled(whole, fraction string, shift int) (uint64, error) {
	var value uint64
	if whole != "" {
		var err error
		if value, err = strconv.ParseUint(whole, 10, 64); err != nil {
			return 0, ErrRange
		}
	}
	if bits.Len64(value)+shift > 64 {
		return 0, ErrRange
	}
	value <<= shift
	if fraction == "" {
		return value, nil
	}
	part, err := strconv.ParseFloat("0."+fraction, 64)
	if err != nil {
		return 0, ErrSyntax
	}
	sum, carry := bits.Add64(value, uint64(math.Ldexp(part, shift)+0.5), 0)
	if carry != 0 {
		return 0, ErrRange
	}
	return sum, nil
}
