package qobject

import (
	"fmt"
	"math"
	"strconv"
)

// Append appends v in QEMU's compact form, a blank after every colon and comma: `{"a": 1, "b": []}`.
// A nil v is null and an int is taken as int64. Any other type that is not a value makes it panic.
func Append(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil, Null:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return AppendInt(b, v)
	case int:
		return AppendInt(b, int64(v))
	case uint64:
		return AppendUint(b, v)
	case float64:
		return AppendFloat(b, v)
	case string:
		return AppendString(b, v)
	case List:
		return appendList(b, v)
	case *Dict:
		return appendDict(b, v)
	}
	panic(fmt.Sprintf("qobject: %T is not a JSON value", v))
}

// AppendInt appends v in decimal.
func AppendInt(b []byte, v int64) []byte { return strconv.AppendInt(b, v, 10) }

// AppendUint appends v in decimal.
func AppendUint(b []byte, v uint64) []byte { return strconv.AppendUint(b, v, 10) }

// AppendFloat appends v as C's %.17g prints it, so that it reads back exactly; whole numbers have no decimal point.
// JSON has no infinities and no NaN: they are written as the largest finite numbers and as 0.
func AppendFloat(b []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		v = 0
	case math.IsInf(v, 0):
		v = math.Copysign(math.MaxFloat64, v)
	}
	return strconv.AppendFloat(b, v, 'g', 17, 64)
}

func appendList(b []byte, l List) []byte {
	b = append(b, '[')
	for i, v := range l {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = Append(b, v)
	}
	return append(b, ']')
}

func appendDict(b []byte, d *Dict) []byte {
	b = append(b, '{')
	first := true
	for key, v := range d.All() {
		if !first {
			b = append(b, ", "...)
		}
		first = false
		b = AppendString(b, key)
		b = append(b, ": "...)
		b = Append(b, v)
	}
	return append(b, '}')
}
