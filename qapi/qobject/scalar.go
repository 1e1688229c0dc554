package qobject

import (
	"math"
	"strconv"
)

// integer reads an integer token into the narrowest of int64, uint64 and float64 that can hold it.
func integer(text []byte) any {
	if v, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return v
	}
	if text[0] != '-' {
		if v, err := strconv.ParseUint(string(text), 10, 64); err == nil {
			return v
		}
	}
	return float(text)
}

// float reads a number token. JSON cannot write an infinity, so what is too large becomes the largest finite number.
func float(text []byte) any {
	v, _ := strconv.ParseFloat(string(text), 64) // the lexer checked the form, only the range can fail
	if math.IsInf(v, 0) {
		v = math.Copysign(math.MaxFloat64, v)
	}
	return v
}
