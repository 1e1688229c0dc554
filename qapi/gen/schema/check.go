package schema

// check resolves all references and holds every definition to the rules of the language.
func (l *loader) check() error {
	for _, pass := range []func(Definition) error{l.checkNames, l.resolve, checkBase, l.checkDefinition, checkDoc} {
		for _, m := range l.schema.Modules {
			for _, def := range m.Defs {
				if err := pass(def); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// resolve fills in the types that a definition names. Bases come first so that members of bases can be looked up later.
func (l *loader) resolve(def Definition) error {
	for _, ref := range partsOf(def).refs() {
		t := l.schema.types[ref.Name]
		if t == nil {
			return errorAt(ref.Pos, "'%s' uses unknown type '%s'", def.Common().Name, ref.Name)
		}
		if ref.Type = t; ref.Array {
			ref.Type = &Array{Elem: t}
		}
	}
	return nil
}

// checkBase makes sure that bases are structs, and that no struct is its own base over any number of steps.
func checkBase(def Definition) error {
	info := def.Common()
	var base *Ref
	switch d := def.(type) {
	case *Struct:
		base = d.Base
	case *Union:
		base = d.Base
	}
	for steps := 0; base != nil; steps++ {
		s, ok := base.Type.(*Struct)
		if !ok {
			return errorAt(base.Pos, "base '%s' of '%s' is not a struct", base.Name, info.Name)
		}
		if s.Name == info.Name || steps > nestingMax {
			return errorAt(info.Pos, "'%s' is its own base", info.Name)
		}
		base = s.Base
	}
	return nil
}

func (l *loader) checkDefinition(def Definition) error {
	info := def.Common()
	switch d := def.(type) {
	case *Struct:
		if err := distinct(d, info); err != nil {
			return err
		}
		return checkContains(d, nil)
	case *Union:
		return checkUnion(d)
	case *Alternate:
		return checkAlternate(d)
	case *Command:
		if d.Args != nil {
			if err := distinct(d.Args, info); err != nil {
				return err
			}
		}
		return checkData(d.Data, d.Boxed, info)
	case *Event:
		if err := distinct(&Struct{Info: *info, Members: d.Members}, info); err != nil {
			return err
		}
		return checkData(d.Data, d.Boxed, info)
	}
	return nil
}

// checkData holds the named data of a command or event to its kind: a struct, or a union when it is boxed.
func checkData(data *Ref, boxed bool, info *Info) error {
	if data == nil {
		if boxed {
			return errorAt(info.Pos, "'%s' is boxed but its 'data' names no type", info.Name)
		}
		return nil
	}
	switch data.Type.(type) {
	case *Struct:
		return nil
	case *Union:
		if boxed {
			return nil
		}
		return errorAt(data.Pos, "'data' of '%s' can be the union '%s' only when it is boxed", info.Name, data.Name)
	}
	return errorAt(data.Pos, "'data' of '%s' must be an object, not '%s'", info.Name, data.Name)
}

// distinct makes sure that no name occurs twice among an object's members, those of the base included.
func distinct(o Object, info *Info) error {
	seen := map[string]bool{}
	for _, m := range o.AllMembers() {
		if seen[m.Name] {
			return errorAt(m.Pos, "'%s' has member '%s' twice", info.Name, m.Name)
		}
		seen[m.Name] = true
	}
	return nil
}

// checkContains makes sure that no object has itself as a mandatory member, because no such value would ever end.
func checkContains(s Object, path []Object) error {
	for _, p := range path {
		if p == s {
			return errorAt(s.Common().Pos, "'%s' contains itself", s.TypeName())
		}
	}
	for _, m := range s.AllMembers() {
		if inner, ok := m.Ref.Type.(Object); ok && !m.Optional {
			if err := checkContains(inner, append(path, s)); err != nil {
				return err
			}
		}
	}
	return nil
}
