package schema

// Schema is a set of modules that was checked as a whole.
type Schema struct {
	Modules []*Module // in the order in which they were first included
	types   map[string]Type
}

// Module is one file.
type Module struct {
	Name string // the file's name without folder and extension
	Doc  string // free documentation at its head
	Defs []Definition
}

// Definition is anything that the schema gives a name: *Enum, *Struct, *Union, *Alternate, *Command or *Event.
type Definition interface{ Common() *Info }

// Info is what all definitions have.
type Info struct {
	Name     string
	Pos      Pos
	Doc      *Doc
	Features []string
}

// Common returns i itself; it makes every definition that embeds Info a Definition.
func (i *Info) Common() *Info { return i }

// Type is *Builtin, *Enum, *Struct, *Union, *Alternate or *Array.
type Type interface {
	// TypeName is the name in the schema; arrays are "[NAME]".
	TypeName() string
	// JSON is the type of the value on the wire: string, number, int, boolean, null, object, array or value.
	JSON() string
}

// Builtin is a type of the language itself.
type Builtin struct{ Name, JSONType string }

// TypeName implements Type.
func (b *Builtin) TypeName() string { return b.Name }

// JSON implements Type.
func (b *Builtin) JSON() string { return b.JSONType }

// Array is a list of one type.
type Array struct{ Elem Type }

// TypeName implements Type.
func (a *Array) TypeName() string { return "[" + a.Elem.TypeName() + "]" }

// JSON implements Type.
func (a *Array) JSON() string { return "array" }

// Ref names a type, and holds it once the schema is resolved.
type Ref struct {
	Name  string
	Array bool
	Pos   Pos
	Type  Type
}

// Enum is a set of names.
type Enum struct {
	Info
	Values []*EnumValue // wire order
}

// EnumValue is one of an Enum's names.
type EnumValue struct {
	Name     string
	Pos      Pos
	Features []string
}

// TypeName implements Type.
func (e *Enum) TypeName() string { return e.Name }

// JSON implements Type.
func (e *Enum) JSON() string { return "string" }

// Value returns the value of that name, or nil.
func (e *Enum) Value(name string) *EnumValue {
	for _, v := range e.Values {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Alternate is a value of one of several types that differ by their JSON type.
type Alternate struct {
	Info
	Branches []*Branch
}

// TypeName implements Type.
func (a *Alternate) TypeName() string { return a.Name }

// JSON implements Type.
func (a *Alternate) JSON() string { return "value" }

// Command is something that a client can ask for.
type Command struct {
	Info
	Args           *Struct // inline arguments, or nil
	Data           *Ref    // named arguments, or nil
	Boxed          bool
	Returns        *Ref // nil: the empty object
	Gen            bool // false: answered by hand-written code of package qapi
	AllowOOB       bool
	AllowPreconfig bool
}

// Event is something that clients are told.
type Event struct {
	Info
	Members []*Member // inline data
	Data    *Ref      // named data, or nil
	Boxed   bool
}

// Type returns the type of that name, or nil.
func (s *Schema) Type(name string) Type { return s.types[name] }
