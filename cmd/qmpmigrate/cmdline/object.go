package cmdline

import (
	"strings"

	"qmpmigrate/qapi/qobject"
)

// Object is -object.
type Object struct {
	Type, ID string

	// Props are all members with their proper types, qom-type and id included: the arguments of object-add. Those of a
	// type that has no meaning here are as they came.
	Props *qobject.Dict

	// Inert tells that the type has no meaning here: objects that devices use which are not there either.
	Inert bool
	Where Origin

	json bool
}

// objectOption is -object.
func objectOption(r *run, value string) error {
	name, rest, _ := strings.Cut(value, ",")
	if isHelp(name) {
		return objectListHelp()
	}
	if isJSON(value) {
		return r.jsonObject(value)
	}
	if first, _, _ := strings.Cut(rest, ","); isHelp(first) {
		if kind, ok := findObjectKind(name); ok && !kind.inert {
			return kind.help()
		}
	}
	return r.textObject(value)
}

// textObject reads TYPE,id=ID,prop=value,...
func (r *run) textObject(value string) error {
	o, err := r.group("object").parse(value, r.at, r.warnFlag)
	if err != nil {
		return err
	}
	props := qobject.NewDict()
	obj := Object{Type: o.get("qom-type"), ID: o.id, Props: props, Where: r.at}
	if !o.has("qom-type") {
		return missing("qom-type")
	}
	kind, err := objectKindOf(obj.Type)
	if err != nil {
		return err
	}
	if obj.ID == "" {
		return missing("id")
	}
	obj.Inert = kind.inert
	props.Set("qom-type", obj.Type)
	props.Set("id", obj.ID)
	if kind.inert {
		for name, value := range o.dict().All() {
			props.Set(name, value)
		}
	} else if err := readText(o, kind.fields, props); err != nil {
		return err
	}
	r.cfg.Objects = append(r.cfg.Objects, obj)
	return nil
}

// jsonObject reads {"qom-type": TYPE, "id": ID, ...}.
func (r *run) jsonObject(value string) error {
	dict, err := parseJSON(value)
	if err != nil {
		return err
	}
	t := newTree(dict, false)
	t.need("qom-type")
	name, _ := t.string("qom-type")
	if *t.err != nil {
		return *t.err
	}
	kind, err := objectKindOf(name)
	if err != nil {
		return err
	}
	t.need("id")
	id, _ := t.string("id")
	props := qobject.NewDict()
	props.Set("qom-type", name)
	props.Set("id", id)
	if kind.inert {
		props = dict
	} else {
		readFields(t, kind.fields, props)
		_ = t.finish() // see below
	}
	if *t.err != nil {
		return *t.err
	}
	if !idWellFormed(id) {
		return malformedID()
	}
	r.cfg.Objects = append(r.cfg.Objects, Object{
		Type: name, ID: id, Props: props, Inert: kind.inert, Where: r.at, json: true,
	})
	return nil
}

// object returns the object with that id, or nil.
func (r *run) object(id string) *Object {
	for i := range r.cfg.Objects {
		if r.cfg.Objects[i].ID == id {
			return &r.cfg.Objects[i]
		}
	}
	return nil
}

// checkObjects refuses an id that two objects have, where at least one is JSON; the others were refused at once.
func (r *run) checkObjects() error {
	seen := make(map[string]bool, len(r.cfg.Objects))
	for _, o := range r.cfg.Objects {
		if seen[o.ID] {
			return fail("attempt to add duplicate property '%s' to object (type 'container')", o.ID)
		}
		seen[o.ID] = true
	}
	return nil
}
