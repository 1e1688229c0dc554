package cmdline

import (
	"math"

	"qmpmigrate/qapi/qobject"
)

// fieldKind is the type of a member in the small schemas of -object and -incoming.
type fieldKind uint8

const (
	fieldString fieldKind = iota
	fieldBool
	fieldUint16
	fieldUint32
	fieldUint64
	fieldInt64
	fieldSize
	fieldEnum    // one of field.values
	fieldStrings // a list of strings
	fieldNumbers // a list of numbers up to 65535
	fieldStructs // a list of objects with members field.fields
)

// field is one member.
type field struct {
	name   string
	kind   fieldKind
	need   bool
	values []string
	fields []field
}

// required returns the field as one that must not be missing.
func (f field) required() field {
	f.need = true
	return f
}

// bound returns the largest value of an unsigned kind, and the type's name in messages.
func (k fieldKind) bound() (limit uint64, ctype string) {
	switch k {
	case fieldUint16, fieldNumbers:
		return math.MaxUint16, "uint16_t"
	case fieldUint32:
		return math.MaxUint32, "uint32_t"
	}
	return math.MaxUint64, "uint64"
}

// readFields copies the members that fields describe from t to out, with their proper types: bool, int64 or uint64,
// string, List and *Dict, as QMP would deliver them.
func readFields(t *tree, fields []field, out *qobject.Dict) {
	for _, f := range fields {
		if f.need {
			t.need(f.name)
		}
		if value, ok := readField(t, f); ok {
			out.Set(f.name, value)
		}
	}
}

func readField(t *tree, f field) (value any, ok bool) {
	switch f.kind {
	case fieldString:
		return boxed(t.string(f.name))
	case fieldBool:
		return boxed(t.bool(f.name))
	case fieldInt64:
		return boxed(t.int(f.name))
	case fieldSize:
		return boxedUint(t.size(f.name))
	case fieldEnum:
		return boxed(t.enum(f.name, f.values...))
	case fieldStrings, fieldNumbers, fieldStructs:
		return readList(t, f)
	}
	limit, ctype := f.kind.bound()
	return boxedUint(t.uint(f.name, limit, ctype))
}

// readList reads a list element by element; messages name an element by its index, in text form as part of the key.
func readList(t *tree, f field) (value any, ok bool) {
	elements, ok := t.list(f.name)
	if !ok {
		return nil, false
	}
	list := make(qobject.List, 0, len(elements))
	for at, element := range elements {
		single := t.element(f.name, at, element)
		name := single.dict.Keys()[0]
		var value any
		switch f.kind {
		case fieldStrings:
			value, ok = boxed(single.string(name))
		case fieldNumbers:
			limit, ctype := f.kind.bound()
			value, ok = boxedUint(single.uint(name, limit, ctype))
		default:
			value, ok = readStruct(single.object(name), f.fields)
		}
		if !ok {
			return nil, false
		}
		list = append(list, value)
	}
	return list, true
}

func readStruct(t *tree, fields []field) (value any, ok bool) {
	if t == nil {
		return nil, false
	}
	out := qobject.NewDict()
	readFields(t, fields, out)
	return out, t.finish() == nil
}

func boxed[T any](value T, ok bool) (any, bool) { return value, ok }

func boxedUint(value uint64, ok bool) (any, bool) { return number64(value), ok }

// number64 returns the form that qobject has for a number: int64 unless it is too large for that.
func number64(value uint64) any {
	if value <= math.MaxInt64 {
		return int64(value)
	}
	return value
}
