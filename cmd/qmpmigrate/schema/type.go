package schema

import "strings"

// Type is a type of a schema. The zero one, and one that the schema does not
// explain, is of kind Any.
type Type struct {
	schema *Schema
	name   string
}

// Kind is what sort of type one is.
type Kind string

// The kinds. Sizes and all other whole numbers are Int.
const (
	Int       Kind = "int"
	Number    Kind = "number"
	Bool      Kind = "bool"
	String    Kind = "str"
	Null      Kind = "null"
	Any       Kind = "any"
	Enum      Kind = "enum"
	Array     Kind = "array"
	Object    Kind = "object"
	Alternate Kind = "alternate"
)

// Member is one of an object's.
type Member struct {
	Name     string
	Type     Type
	Optional bool
	Features []string
}

// entity is never nil.
func (t Type) entity() *entity {
	if t.schema != nil {
		if e := t.schema.entities[t.name]; e != nil {
			return e
		}
	}
	return &entity{Meta: "builtin", JSONType: "value"}
}

// Kind tells what sort of type t is.
func (t Type) Kind() Kind {
	e := t.entity()
	switch e.Meta {
	case "enum", "array", "object", "alternate":
		return Kind(e.Meta)
	}
	switch e.JSONType {
	case "int":
		return Int
	case "number":
		return Number
	case "boolean":
		return Bool
	case "string":
		return String
	case "null":
		return Null
	}
	return Any
}

// Values are an enum's.
func (t Type) Values() []string { return t.entity().Values }

// Element is an array's.
func (t Type) Element() Type { return Type{t.schema, t.entity().ElementType} }

// Members are those that an object always has. Where it has variants, others
// come with the value of one of these, see Tag and Variant.
func (t Type) Members() []Member {
	e := t.entity()
	members := make([]Member, 0, len(e.Members))
	for _, m := range e.Members {
		members = append(members, Member{m.Name, Type{t.schema, m.Type}, m.Default != nil, m.Features})
	}
	return members
}

// Tag names the member whose value decides about a variant; empty where an
// object has none.
func (t Type) Tag() string { return t.entity().Tag }

// Variant is the object whose members come with a value of the tag's.
func (t Type) Variant(value string) (Type, bool) {
	for _, v := range t.entity().Variants {
		if v.Case == value {
			return Type{t.schema, v.Type}, true
		}
	}
	return Type{}, false
}

// Alternatives are the types of which an alternate is one.
func (t Type) Alternatives() []Type {
	var types []Type
	for _, m := range t.entity().Members {
		types = append(types, Type{t.schema, m.Type})
	}
	return types
}

// Member gives one member of an object by name, of the variants too where tag
// is the value that decides.
func (t Type) Member(name, tag string) (Member, bool) {
	members := t.Members()
	if v, ok := t.Variant(tag); ok {
		members = append(members, v.Members()...)
	}
	for _, m := range members {
		if m.Name == name {
			return m, true
		}
	}
	return Member{}, false
}

// manyValues is how many values an enum has that is too long to be written out.
const manyValues = 12

// String writes t for people: "int", "on|off|auto", "[str]", "object".
func (t Type) String() string {
	switch kind := t.Kind(); kind {
	case Enum:
		if values := t.Values(); len(values) <= manyValues {
			return strings.Join(values, "|")
		}
		return "enum"
	case Array:
		return "[" + t.Element().String() + "]"
	case Alternate:
		var names []string
		for _, a := range t.Alternatives() {
			names = append(names, a.String())
		}
		return strings.Join(names, " or ")
	default:
		return string(kind)
	}
}

// TypeOf is the type that a value of JSON's has, without a schema.
func TypeOf(value any) Type {
	builtin := entity{Meta: "builtin", JSONType: "value"}
	switch value.(type) {
	case bool:
		builtin.JSONType = "boolean"
	case string:
		builtin.JSONType = "string"
	case float64, int, int64:
		builtin.JSONType = "int"
	}
	return Type{&Schema{entities: map[string]*entity{"": &builtin}}, ""}
}
