package channels

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"syscall"
)

// parseSize reads a size in bytes in QEMU's form: decimal digits with an optional fraction and one of the suffixes
// B K M G T P E (powers of 1024), or hexadecimal digits after 0x without either. It fails with syscall.EINVAL, or with
// syscall.ERANGE for what is negative or does not fit.
func parseSize(text string) (uint64, error) {
	text = strings.TrimLeft(text, " \t\n\v\f\r")
	unsigned := strings.TrimPrefix(text, "+")
	negative := unsigned == text && strings.HasPrefix(text, "-")
	if negative {
		unsigned = text[1:]
	}
	size, err := parseUnsignedSize(unsigned)
	if err == nil && negative && size != 0 {
		err = syscall.ERANGE
	}
	return size, err
}

func parseUnsignedSize(text string) (uint64, error) {
	if len(text) > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') {
		return parseDigits(text[2:], 16)
	}
	number, shift, hasUnit := cutSuffix(text)
	whole, fraction, hasPoint := strings.Cut(number, ".")
	if whole+fraction == "" || hasPoint && fraction != "" && (!hasUnit || shift == 0) {
		return 0, syscall.EINVAL
	}
	var value uint64
	var part float64
	var err error
	if whole != "" {
		if value, err = parseDigits(whole, 10); err != nil {
			return 0, err
		}
	}
	if fraction != "" {
		if strings.Trim(fraction, "0123456789") != "" {
			return 0, syscall.EINVAL
		}
		if part, err = strconv.ParseFloat("0."+fraction, 64); err != nil {
			return 0, syscall.EINVAL
		}
	}
	high, low := bits.Mul64(value, 1<<shift)
	size, carry := bits.Add64(low, uint64(math.Round(math.Ldexp(part, shift))), 0)
	if high != 0 || carry != 0 {
		return 0, syscall.ERANGE
	}
	return size, nil
}

// cutSuffix splits off the unit and returns its power of two.
func cutSuffix(text string) (number string, shift int, found bool) {
	if text == "" {
		return "", 0, false
	}
	last := len(text) - 1
	unit := strings.IndexByte("bkmgtpe", text[last]|0x20)
	if unit < 0 {
		return text, 0, false
	}
	return text[:last], 10 * unit, true
}

// parseDigits is strconv.ParseUint without signs and underscores and with errno values.
func parseDigits(text string, base int) (uint64, error) {
	value, err := strconv.ParseUint(text, base, 64)
	switch {
	case err == nil:
		return value, nil
	case errors.Is(err, strconv.ErrRange):
		return 0, syscall.ERANGE
	}
	return 0, syscall.EINVAL
}
