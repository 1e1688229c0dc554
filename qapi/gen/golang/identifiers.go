package golang

import (
	"fmt"
	"slices"

	"qmpmigrate/qapi/gen/schema"
)

// checkIdentifiers makes sure that different names of the schema stay different in Go.
func checkIdentifiers(s *schema.Schema) error {
	global := scope{}
	for _, m := range s.Modules {
		for _, def := range m.Defs {
			for _, name := range globals(def) {
				if err := global.add(name, def.Common().Pos); err != nil {
					return err
				}
			}
			if err := checkFields(def); err != nil {
				return err
			}
		}
		for _, name := range []string{goName(m.Name) + "Commands", goName(m.Name) + "CommandTable"} {
			if err := global.add(name, schema.Pos{File: m.Name, Line: 1}); err != nil {
				return err
			}
		}
	}
	return nil
}

// scope is a set of Go names with the places where they come from.
type scope map[string]schema.Pos

func (s scope) add(name string, pos schema.Pos) error {
	if first, dup := s[name]; dup {
		return &schema.Error{Pos: pos, Msg: fmt.Sprintf("Go name '%s' is already used for %s", name, first)}
	}
	s[name] = pos
	return nil
}

// globals lists the package-level names that a definition brings.
func globals(def schema.Definition) []string {
	name := def.Common().Name
	switch d := def.(type) {
	case *schema.Enum:
		names := []string{name, name + "Values", "Parse" + name}
		for _, v := range d.Values {
			names = append(names, constant(d, v))
		}
		return names
	case *schema.Command:
		if d.Args != nil {
			return []string{argsType(d), "Decode" + argsType(d)}
		}
		return nil
	case *schema.Event:
		return []string{eventType(name)}
	}
	return []string{name, "Decode" + name}
}

// checkFields makes sure that the fields of one struct differ.
func checkFields(def schema.Definition) error {
	fields := scope{}
	var members []*schema.Member
	var branches []*schema.Branch
	switch d := def.(type) {
	case *schema.Struct:
		members = d.AllMembers()
	case *schema.Union:
		members, branches = d.AllMembers(), d.Branches
	case *schema.Alternate:
		branches = d.Branches
	case *schema.Command:
		if d.Args != nil {
			members = d.Args.Members
		}
	case *schema.Event:
		members = d.Members
	}
	for _, m := range members {
		if err := fields.add(goName(m.Name), m.Pos); err != nil {
			return err
		}
	}
	for _, b := range branches {
		if err := fields.add(goName(b.Name), b.Pos); err != nil {
			return err
		}
	}
	return nil
}

// usesQType tells whether any definition names the builtin enumeration.
func usesQType(s *schema.Schema) bool {
	return slices.ContainsFunc(s.Modules, func(m *schema.Module) bool {
		return slices.ContainsFunc(m.Defs, func(def schema.Definition) bool {
			return slices.ContainsFunc(schema.Refs(def), func(r *schema.Ref) bool { return r.Name == "QType" })
		})
	})
}
