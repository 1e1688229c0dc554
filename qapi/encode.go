package qapi

import (
	"slices"

	"qmpmigrate/qapi/qobject"
)

// key appends a member's name. The separator depends on what stands before: only the first member of an object
// directly follows an opening brace, so base members and branches need not know of each other.
func key(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ", "...)
	}
	b = append(append(b, '"'), name...)
	return append(b, `": `...)
}

// appendText makes room for a whole text at once, because introspection answers with a long one.
func appendText(b []byte, text string) []byte {
	return append(slices.Grow(b, len(text)), text...)
}

func appendString[S ~string](b []byte, s S) []byte { return qobject.AppendString(b, string(s)) }

func appendInt[I ~int64 | ~int32 | ~int16 | ~int8](b []byte, i I) []byte {
	return qobject.AppendInt(b, int64(i))
}

func appendUint[U ~uint64 | ~uint32 | ~uint16 | ~uint8](b []byte, u U) []byte {
	return qobject.AppendUint(b, uint64(u))
}

func appendNumber(b []byte, f float64) []byte { return qobject.AppendFloat(b, f) }

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, "true"...)
	}
	return append(b, "false"...)
}

func appendNull(b []byte, _ qobject.Null) []byte { return append(b, "null"...) }

func appendAny(b []byte, v any) []byte { return qobject.Append(b, v) }

// appendList appends a list of values that are passed by value.
func appendList[T any](b []byte, list []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = one(b, v)
	}
	return append(b, ']')
}

// appendObjects appends a list of objects.
func appendObjects[T any, P interface {
	*T
	Result
}](b []byte, list []T) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = P(&list[i]).AppendJSON(b)
	}
	return append(b, ']')
}
