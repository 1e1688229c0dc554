package cmdline

import "qmpmigrate/qapi/qobject"

// ParseObject reads what object_add of the text monitor takes: key=value text, where -object has another grammar, or
// JSON. The result are the arguments of object-add. An *Exit as error is help that was asked for.
func ParseObject(text string) (*qobject.Dict, error) {
	if isJSON(text) {
		dict, err := parseJSON(text)
		if err != nil {
			return nil, err
		}
		return readObject(newTree(dict, false))
	}
	dict, help, err := ParseKeyval(text, "qom-type")
	if err != nil {
		return nil, err
	}
	t := newTree(dict, true)
	if help {
		name, _ := t.string("qom-type")
		if kind, ok := findObjectKind(name); ok && !kind.inert {
			return nil, kind.help()
		}
		return nil, objectListHelp()
	}
	return readObject(t)
}

func readObject(t *tree) (*qobject.Dict, error) {
	t.need("qom-type")
	name, _ := t.string("qom-type")
	if *t.err != nil {
		return nil, *t.err
	}
	kind, err := objectKindOf(name)
	if err != nil {
		return nil, err
	}
	t.need("id")
	id, _ := t.string("id")
	props := qobject.NewDict()
	props.Set("qom-type", name)
	props.Set("id", id)
	readFields(t, kind.fields, props)
	if err := t.finish(); err != nil {
		return nil, err
	}
	if !idWellFormed(id) {
		return nil, malformedID()
	}
	return props, nil
}
