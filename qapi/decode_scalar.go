package qapi

import (
	"math"

	"qmpmigrate/qapi/qobject"
)

func decodeString(c *cursor, v any) string {
	s, ok := v.(string)
	if !ok {
		c.mistyped("string")
	}
	return s
}

func decodeBool(c *cursor, v any) bool {
	t, ok := v.(bool)
	if !ok {
		c.mistyped("boolean")
	}
	return t
}

func decodeNumber(c *cursor, v any) float64 {
	switch n := v.(type) {
	case int64:
		return float64(n)
	case uint64:
		return float64(n)
	case float64:
		return n
	}
	c.mistyped("number")
	return 0
}

func decodeNull(c *cursor, v any) qobject.Null {
	if _, ok := v.(qobject.Null); !ok {
		c.mistyped("null")
	}
	return qobject.Null{}
}

func decodeAny(_ *cursor, v any) any { return v }

func decodeInt64(c *cursor, v any) int64 {
	i, ok := v.(int64)
	if !ok {
		c.mistyped("integer")
	}
	return i
}

// decodeUint64 also takes negative integers and wraps them, because old clients say -1 for "no limit".
func decodeUint64(c *cursor, v any) uint64 {
	switch n := v.(type) {
	case int64:
		return uint64(n)
	case uint64:
		return n
	}
	c.fail("Parameter '%s' expects uint64", c.where())
	return 0
}

func decodeInt32(c *cursor, v any) int32 {
	return int32(signed(c, v, math.MinInt32, math.MaxInt32, "int32_t"))
}

func decodeInt16(c *cursor, v any) int16 {
	return int16(signed(c, v, math.MinInt16, math.MaxInt16, "int16_t"))
}

func decodeInt8(c *cursor, v any) int8 {
	return int8(signed(c, v, math.MinInt8, math.MaxInt8, "int8_t"))
}

func decodeUint32(c *cursor, v any) uint32 { return uint32(unsigned(c, v, math.MaxUint32, "uint32_t")) }
func decodeUint16(c *cursor, v any) uint16 { return uint16(unsigned(c, v, math.MaxUint16, "uint16_t")) }
func decodeUint8(c *cursor, v any) uint8   { return uint8(unsigned(c, v, math.MaxUint8, "uint8_t")) }

func signed(c *cursor, v any, low, high int64, ctype string) int64 {
	i := decodeInt64(c, v)
	if i < low || i > high {
		c.fail("Parameter '%s' expects %s", c.name(), ctype)
	}
	return i
}

func unsigned(c *cursor, v any, high uint64, ctype string) uint64 {
	u := decodeUint64(c, v)
	if u > high {
		c.fail("Parameter '%s' expects %s", c.name(), ctype)
	}
	return u
}

// decodeEnum decodes a value of an enumeration.
func decodeEnum[E ~string](c *cursor, v any, parse func(string) (E, bool)) E {
	s := decodeString(c, v)
	if c.err != nil {
		return ""
	}
	e, ok := parse(s)
	if !ok {
		c.fail("Parameter '%s' does not accept value '%s'", c.name(), s)
	}
	return e
}

// decodeSpecialEnum is decodeEnum for an enumeration of which some values have features.
func decodeSpecialEnum[E ~string](c *cursor, v any, parse func(string) (E, bool), features func(E) Features) E {
	e := decodeEnum(c, v, parse)
	if c.err == nil {
		c.admit(features(e), "value", string(e))
	}
	return e
}
