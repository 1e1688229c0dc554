// Package introspect writes a schema as the answer of query-qmp-schema.
package introspect

import (
	"strconv"

	"qmpmigrate/qapi/gen/schema"
)

// Entries returns the answer's elements, each as JSON in compact form: all commands and events in the order of the
// schema, then every type that they lead to, in the order of first use. Names of types mean nothing to clients, so
// they are replaced by numbers; "0" is the object without members.
func Entries(s *schema.Schema) []string {
	w := &writer{queued: map[string]bool{}, numbers: map[string]string{emptyName: "0"}}
	for _, m := range s.Modules {
		for _, def := range m.Defs {
			switch d := def.(type) {
			case *schema.Command:
				w.command(d)
			case *schema.Event:
				w.event(d)
			}
		}
	}
	// The list grows while it is walked: writing one type brings in those that it uses.
	for i := 0; i < len(w.used); i++ {
		w.entry(w.used[i])
	}
	return w.entries
}

type writer struct {
	entries []string
	used    []schema.Type // what will be written after commands and events
	queued  map[string]bool
	numbers map[string]string // by the name in the schema
}

// emptyName stands for the object without members. It has its number before any type is seen.
const emptyName = ""

// use makes sure that a type will be written, and returns the name under which it is shown.
func (w *writer) use(t schema.Type) string {
	t = widthless(t)
	name := t.TypeName()
	if !w.queued[name] {
		w.queued[name] = true
		w.used = append(w.used, t)
	}
	switch t := t.(type) {
	case *schema.Builtin:
		return name
	case *schema.Array:
		return "[" + w.use(t.Elem) + "]"
	}
	number, known := w.numbers[name]
	if !known {
		number = strconv.Itoa(len(w.numbers))
		w.numbers[name] = number
	}
	return number
}

// widthless makes one type of all widths of integers, because JSON has only one.
func widthless(t schema.Type) schema.Type {
	switch t := t.(type) {
	case *schema.Builtin:
		if t.JSONType == "int" {
			return &schema.Builtin{Name: "int", JSONType: "int"}
		}
	case *schema.Array:
		return &schema.Array{Elem: widthless(t.Elem)}
	}
	return t
}

// empty uses the object without members.
func (w *writer) empty() string { return w.use(&schema.Struct{Info: schema.Info{Name: emptyName}}) }

// implicit uses an object that has no name in the schema: the data of one command or event.
func (w *writer) implicit(of string, members []*schema.Member) string {
	if len(members) == 0 {
		return w.empty()
	}
	return w.use(&schema.Struct{Info: schema.Info{Name: of + "-arg"}, Members: members})
}
