package trace

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is what a Field's value is.
type Kind uint8

// The kinds.
const (
	KindText Kind = iota
	KindInt
	KindUint
	KindBool
	KindError
)

// Field is one thing that was seen at a point. It holds a value without
// allocating for it.
type Field struct {
	Key  string
	Kind Kind
	num  uint64
	text string
	err  error
}

// Str is a field with a text.
func Str[T ~string](key string, value T) Field { return Field{Key: key, text: string(value)} }

// Int is a field with a number that may be negative.
func Int[T ~int | ~int8 | ~int16 | ~int32 | ~int64](key string, value T) Field {
	return Field{Key: key, Kind: KindInt, num: uint64(int64(value))}
}

// Uint is a field with a number that is not negative.
func Uint[T ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr](key string, value T) Field {
	return Field{Key: key, Kind: KindUint, num: uint64(value)}
}

// Bool is a field that is true or false.
func Bool(key string, value bool) Field {
	f := Field{Key: key, Kind: KindBool}
	if value {
		f.num = 1
	}
	return f
}

// Err is a field with an error's text.
func Err(key string, value error) Field { return Field{Key: key, Kind: KindError, err: value} }

// Int is the value of a KindInt.
func (f *Field) Int() int64 { return int64(f.num) }

// Uint is the value of a KindUint.
func (f *Field) Uint() uint64 { return f.num }

// Bool is the value of a KindBool.
func (f *Field) Bool() bool { return f.num != 0 }

// Text is any value as text.
func (f *Field) Text() string {
	switch f.Kind {
	case KindInt:
		return strconv.FormatInt(f.Int(), 10)
	case KindUint:
		return strconv.FormatUint(f.num, 10)
	case KindBool:
		return strconv.FormatBool(f.Bool())
	case KindError:
		return fmt.Sprint(f.err)
	default:
		return f.text
	}
}

// Line is what an event told as a line of text, for people and tests.
func Line(name Name, fields []Field) string {
	var b strings.Builder
	b.WriteString(string(name))
	for i := range fields {
		fmt.Fprintf(&b, " %s=%s", fields[i].Key, fields[i].Text())
	}
	return b.String()
}

// Lines is a Sink that gives out lines.
func Lines(out func(line string)) Sink {
	return func(name Name, fields []Field) { out(Line(name, fields)) }
}
