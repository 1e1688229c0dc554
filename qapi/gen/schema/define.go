package schema

import "slices"

// meta says which members an expression of one kind has, and how it becomes a definition.
type meta struct {
	kind     string
	required []string
	optional []string
	build    func(expr *node, info Info) (Definition, error)
}

func metas() []meta {
	return []meta{
		{"enum", []string{"data"}, []string{"features"}, defineEnum},
		{"struct", []string{"data"}, []string{"base", "features"}, defineStruct},
		{"union", []string{"base", "discriminator", "data"}, []string{"features"}, defineUnion},
		{"alternate", []string{"data"}, []string{"features"}, defineAlternate},
		{"command", nil, []string{"data", "boxed", "returns", "gen", "allow-oob", "allow-preconfig", "features"}, defineCommand},
		{"event", nil, []string{"data", "boxed", "features"}, defineEvent},
	}
}

// define turns an expression into a definition whose names are not resolved yet.
func define(expr *node, doc *Doc) (Definition, error) {
	all := metas()
	i := slices.IndexFunc(all, func(m meta) bool { return expr.get(m.kind) != nil })
	if i < 0 {
		return nil, errorAt(expr.pos, "expression is missing its kind: 'enum', 'struct', 'union', 'alternate', 'command', 'event', 'include' or 'pragma'")
	}
	m := all[i]
	name := expr.get(m.kind)
	if name.kind != stringNode {
		return nil, errorAt(name.pos, "'%s' must be a string, not %s", m.kind, name.kind)
	}
	for _, e := range expr.members {
		if e.key != m.kind && !slices.Contains(m.required, e.key) && !slices.Contains(m.optional, e.key) {
			return nil, errorAt(e.pos, "%s '%s' has unknown member '%s'", m.kind, name.text, e.key)
		}
	}
	for _, key := range m.required {
		if expr.get(key) == nil {
			return nil, errorAt(expr.pos, "%s '%s' lacks member '%s'", m.kind, name.text, key)
		}
	}
	if doc == nil || doc.Symbol == "" {
		return nil, errorAt(expr.pos, "%s '%s' has no documentation comment", m.kind, name.text)
	}
	if doc.Symbol != name.text {
		return nil, errorAt(doc.Pos, "documentation of '%s' stands before '%s'", doc.Symbol, name.text)
	}
	features, err := stringList(expr.get("features"), "features")
	if err != nil {
		return nil, err
	}
	return m.build(expr, Info{Name: name.text, Pos: expr.pos, Doc: doc, Features: features})
}

func defineEnum(expr *node, info Info) (Definition, error) {
	e := &Enum{Info: info}
	data := expr.get("data")
	if data.kind != listNode {
		return nil, errorAt(data.pos, "'data' of enum '%s' must be a list, not %s", info.Name, data.kind)
	}
	for _, n := range data.list {
		v := &EnumValue{Pos: n.pos, Name: n.text}
		if n.kind != stringNode {
			fields, err := fieldsOf(n, "value of enum '"+info.Name+"'", "name")
			if err != nil {
				return nil, err
			}
			v.Name, v.Features = fields.value.text, fields.features
			if fields.value.kind != stringNode {
				return nil, errorAt(n.pos, "'name' must be a string, not %s", fields.value.kind)
			}
		}
		if e.Value(v.Name) != nil {
			return nil, errorAt(v.Pos, "enum '%s' has value '%s' twice", info.Name, v.Name)
		}
		e.Values = append(e.Values, v)
	}
	return e, nil
}

func defineStruct(expr *node, info Info) (_ Definition, err error) {
	s := &Struct{Info: info}
	if base := expr.get("base"); base != nil {
		if s.Base, err = nameRef(base); err != nil {
			return nil, err
		}
	}
	s.Members, err = members(expr.get("data"), info)
	return s, err
}

func defineUnion(expr *node, info Info) (_ Definition, err error) {
	u := &Union{Info: info}
	if base := expr.get("base"); base.kind == objectNode {
		u.Members, err = members(base, info)
	} else {
		u.Base, err = nameRef(base)
	}
	if err != nil {
		return nil, err
	}
	tag := expr.get("discriminator")
	if tag.kind != stringNode {
		return nil, errorAt(tag.pos, "'discriminator' must be a string, not %s", tag.kind)
	}
	u.TagName = tag.text
	u.Branches, err = branches(expr.get("data"), info)
	return u, err
}

func defineAlternate(expr *node, info Info) (_ Definition, err error) {
	a := &Alternate{Info: info}
	a.Branches, err = branches(expr.get("data"), info)
	return a, err
}

func defineCommand(expr *node, info Info) (_ Definition, err error) {
	c := &Command{Info: info, Gen: true}
	for key, flag := range map[string]*bool{
		"boxed": &c.Boxed, "gen": &c.Gen, "allow-oob": &c.AllowOOB, "allow-preconfig": &c.AllowPreconfig,
	} {
		if err := truth(expr.get(key), key, flag); err != nil {
			return nil, err
		}
	}
	if data := expr.get("data"); data != nil && data.kind == objectNode {
		c.Args = &Struct{Info: info}
		c.Args.Members, err = members(data, info)
	} else if data != nil {
		c.Data, err = nameRef(data)
	}
	if err != nil {
		return nil, err
	}
	if returns := expr.get("returns"); returns != nil {
		c.Returns, err = typeRef(returns)
	}
	return c, err
}

func defineEvent(expr *node, info Info) (_ Definition, err error) {
	e := &Event{Info: info}
	if err := truth(expr.get("boxed"), "boxed", &e.Boxed); err != nil {
		return nil, err
	}
	if data := expr.get("data"); data != nil && data.kind == objectNode {
		e.Members, err = members(data, info)
	} else if data != nil {
		e.Data, err = nameRef(data)
	}
	return e, err
}
