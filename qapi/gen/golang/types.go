package golang

import "qmpmigrate/qapi/gen/schema"

// builtin is how one builtin type looks in Go.
type builtin struct{ goType, decode, encode string }

func builtinOf(name string) builtin {
	switch name {
	case "str":
		return builtin{"string", "decodeString", "appendString"}
	case "number":
		return builtin{"float64", "decodeNumber", "appendNumber"}
	case "bool":
		return builtin{"bool", "decodeBool", "appendBool"}
	case "null":
		return builtin{"qobject.Null", "decodeNull", "appendNull"}
	case "any":
		return builtin{"any", "decodeAny", "appendAny"}
	case "int", "int64":
		return builtin{"int64", "decodeInt64", "appendInt"}
	case "size", "uint64":
		return builtin{"uint64", "decodeUint64", "appendUint"}
	}
	if name[0] == 'i' {
		return builtin{name, "decodeI" + name[1:], "appendInt"}
	}
	return builtin{name, "decodeU" + name[1:], "appendUint"}
}

// goType is the Go type of a mandatory member.
func goType(t schema.Type) string {
	switch t := t.(type) {
	case *schema.Builtin:
		return builtinOf(t.Name).goType
	case *schema.Array:
		return "[]" + goType(t.Elem)
	}
	return t.TypeName()
}

// memberType is the Go type of a member.
func memberType(m *schema.Member) string {
	if m.Optional && needsPointer(m.Ref.Type) {
		return "*" + goType(m.Ref.Type)
	}
	return goType(m.Ref.Type)
}

// needsPointer tells whether a type has no value of its own for "absent".
func needsPointer(t schema.Type) bool {
	switch t := t.(type) {
	case *schema.Array:
		return false
	case *schema.Builtin:
		return t.Name != "any"
	}
	return true
}

// hasMethods tells whether values of the type are Go structs with an AppendJSON method.
func hasMethods(t schema.Type) bool {
	switch t.(type) {
	case schema.Object, *schema.Alternate:
		return true
	}
	return false
}

// decoder names the function that decodes a value of a type that is no array.
func decoder(t schema.Type) string {
	switch t := t.(type) {
	case *schema.Builtin:
		return builtinOf(t.Name).decode
	case schema.Object:
		return "decodeObject[" + t.TypeName() + "]"
	}
	return "decode" + t.TypeName()
}

// scalarEncoder names the function that appends a value of a type without methods.
func scalarEncoder(t schema.Type) string {
	if b, ok := t.(*schema.Builtin); ok {
		return builtinOf(b.Name).encode
	}
	return "appendString"
}

// encode is the expression that appends the value of the Go expression to the bytes of another; ptr tells that it is a
// pointer.
func encode(t schema.Type, dst, value string, ptr bool) string {
	switch a, isArray := t.(*schema.Array); {
	case isArray && hasMethods(a.Elem):
		return "appendObjects(" + dst + ", " + value + ")"
	case isArray:
		return "appendList(" + dst + ", " + value + ", " + scalarEncoder(a.Elem) + ")"
	case hasMethods(t):
		return value + ".AppendJSON(" + dst + ")"
	case ptr:
		value = "*" + value
	}
	return scalarEncoder(t) + "(" + dst + ", " + value + ")"
}
