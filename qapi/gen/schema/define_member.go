package schema

import "strings"

// members reads the members of an object: 'name': TYPE, where a leading * makes it optional.
func members(data *node, info Info) ([]*Member, error) {
	if data.kind != objectNode {
		return nil, errorAt(data.pos, "'data' of '%s' must be an object, not %s", info.Name, data.kind)
	}
	var out []*Member
	for _, e := range data.members {
		name, optional := strings.CutPrefix(e.key, "*")
		fields, err := fieldsOf(e.value, "member '"+name+"' of '"+info.Name+"'", "type")
		if err != nil {
			return nil, err
		}
		ref, err := typeRef(fields.value)
		if err != nil {
			return nil, err
		}
		out = append(out, &Member{
			Name: name, Pos: e.pos, Optional: optional, Ref: ref, Features: fields.features, Doc: info.Doc.Members[name],
		})
	}
	return out, nil
}

// branches reads the branches of a union or of an alternate: 'name': TYPE.
func branches(data *node, info Info) ([]*Branch, error) {
	if data.kind != objectNode {
		return nil, errorAt(data.pos, "'data' of '%s' must be an object, not %s", info.Name, data.kind)
	}
	var out []*Branch
	for _, e := range data.members {
		fields, err := fieldsOf(e.value, "branch '"+e.key+"' of '"+info.Name+"'", "type")
		if err != nil {
			return nil, err
		}
		ref, err := typeRef(fields.value)
		if err != nil {
			return nil, err
		}
		out = append(out, &Branch{Name: e.key, Pos: e.pos, Ref: ref, Doc: info.Doc.Members[e.key]})
	}
	return out, nil
}

// fields are the parts of the long form {'type': TYPE, 'features': [...]} (or 'name' in place of 'type').
type fields struct {
	value    *node
	features []string
}

// fieldsOf takes the long form apart. The short form is the value alone.
func fieldsOf(n *node, what, main string) (f fields, err error) {
	if n.kind != objectNode {
		return fields{value: n}, nil
	}
	for _, e := range n.members {
		switch e.key {
		case main:
			f.value = e.value
		case "features":
			f.features, err = stringList(e.value, "features")
		default:
			err = errorAt(e.pos, "%s has unknown member '%s'", what, e.key)
		}
		if err != nil {
			return f, err
		}
	}
	if f.value == nil {
		return f, errorAt(n.pos, "%s lacks member '%s'", what, main)
	}
	return f, nil
}

// typeRef reads 'NAME' or ['NAME'].
func typeRef(n *node) (*Ref, error) {
	if n.kind != listNode {
		return nameRef(n)
	}
	if len(n.list) != 1 {
		return nil, errorAt(n.pos, "an array type must name one type")
	}
	ref, err := nameRef(n.list[0])
	if err == nil {
		ref.Array = true
	}
	return ref, err
}

func nameRef(n *node) (*Ref, error) {
	if n.kind != stringNode {
		return nil, errorAt(n.pos, "a type must be named by a string, not %s", n.kind)
	}
	return &Ref{Name: n.text, Pos: n.pos}, nil
}

// stringList reads a list of strings; nil is the empty list.
func stringList(n *node, what string) ([]string, error) {
	if n == nil {
		return nil, nil
	}
	if n.kind != listNode {
		return nil, errorAt(n.pos, "'%s' must be a list, not %s", what, n.kind)
	}
	var out []string
	for _, e := range n.list {
		if e.kind != stringNode {
			return nil, errorAt(e.pos, "'%s' must hold strings, not %s", what, e.kind)
		}
		out = append(out, e.text)
	}
	return out, nil
}

// truth reads true or false into flag; nil leaves it as it is.
func truth(n *node, what string, flag *bool) error {
	if n == nil {
		return nil
	}
	if n.kind != boolNode {
		return errorAt(n.pos, "'%s' must be true or false, not %s", what, n.kind)
	}
	*flag = n.flag
	return nil
}
