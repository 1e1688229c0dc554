package schema

// builtins are the types of the language itself. QType is left out of the wire types of QEMU's own schemas; it is the
// one builtin with a set of values.
func builtins() map[string]Type {
	types := map[string]Type{"QType": qtype()}
	for _, b := range []*Builtin{
		{"str", "string"}, {"number", "number"}, {"bool", "boolean"}, {"null", "null"}, {"any", "value"},
		{"int", "int"}, {"int8", "int"}, {"int16", "int"}, {"int32", "int"}, {"int64", "int"},
		{"uint8", "int"}, {"uint16", "int"}, {"uint32", "int"}, {"uint64", "int"}, {"size", "int"},
	} {
		types[b.Name] = b
	}
	return types
}

func qtype() *Enum {
	e := &Enum{Info: Info{Name: "QType", Doc: &Doc{Text: "The kinds of JSON values."}}}
	for _, name := range []string{"none", "qnull", "qnum", "qstring", "qdict", "qlist", "qbool"} {
		e.Values = append(e.Values, &EnumValue{Name: name})
	}
	return e
}
