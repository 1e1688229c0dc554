package introspect

import "qmpmigrate/qapi/gen/schema"

// json builds one object of an entry. All strings of a schema are plain ASCII without quotes, so none needs escapes.
type json struct{ text string }

func (j *json) raw(key, value string) *json {
	if j.text != "" {
		j.text += ", "
	}
	j.text += `"` + key + `": ` + value
	return j
}

func (j *json) str(key, value string) *json { return j.raw(key, `"`+value+`"`) }

// features adds the member only when there are any.
func (j *json) features(list []string) *json {
	if len(list) == 0 {
		return j
	}
	return j.raw("features", array(list, func(f string) string { return `"` + f + `"` }))
}

func (j *json) String() string { return "{" + j.text + "}" }

func array[T any](list []T, one func(T) string) string {
	text := "["
	for i, v := range list {
		if i > 0 {
			text += ", "
		}
		text += one(v)
	}
	return text + "]"
}

func (w *writer) start(name, meta string, features []string) *json {
	return new(json).str("name", name).str("meta-type", meta).features(features)
}

func (w *writer) end(j *json) { w.entries = append(w.entries, j.String()) }

func (w *writer) command(c *schema.Command) {
	j := w.start(c.Name, "command", c.Features)
	j.str("arg-type", w.data(c.Name, c.Data, c.Args))
	if c.Returns != nil {
		j.str("ret-type", w.use(c.Returns.Type))
	} else {
		j.str("ret-type", w.empty())
	}
	if c.AllowOOB {
		j.raw("allow-oob", "true")
	}
	w.end(j)
}

func (w *writer) event(e *schema.Event) {
	j := w.start(e.Name, "event", e.Features)
	w.end(j.str("arg-type", w.data(e.Name, e.Data, &schema.Struct{Members: e.Members})))
}

// data is the type of arguments or event data: named, inline, or none.
func (w *writer) data(of string, named *schema.Ref, inline *schema.Struct) string {
	switch {
	case named != nil:
		return w.use(named.Type)
	case inline != nil:
		return w.implicit(of, inline.Members)
	}
	return w.empty()
}

func (w *writer) entry(t schema.Type) {
	switch t := t.(type) {
	case *schema.Builtin:
		w.end(w.start(t.Name, "builtin", nil).str("json-type", t.JSONType))
	case *schema.Array:
		elem := w.use(t.Elem)
		w.end(w.start("["+elem+"]", "array", nil).str("element-type", elem))
	case *schema.Enum:
		w.enum(t)
	case *schema.Alternate:
		w.end(w.start(w.use(t), "alternate", t.Features).raw("members", array(t.Branches, func(b *schema.Branch) string {
			return new(json).str("type", w.use(b.Ref.Type)).String()
		})))
	case schema.Object:
		w.object(t)
	}
}

func (w *writer) enum(e *schema.Enum) {
	j := w.start(w.use(e), "enum", e.Features)
	j.raw("members", array(e.Values, func(v *schema.EnumValue) string {
		return new(json).str("name", v.Name).features(v.Features).String()
	}))
	// Older clients know only this flat list.
	w.end(j.raw("values", array(e.Values, func(v *schema.EnumValue) string { return `"` + v.Name + `"` })))
}

func (w *writer) object(o schema.Object) {
	j := w.start(w.use(o), "object", o.Common().Features)
	j.raw("members", array(o.AllMembers(), func(m *schema.Member) string {
		member := new(json).str("name", m.Name).str("type", w.use(m.Ref.Type))
		if m.Optional {
			member.raw("default", "null")
		}
		return member.features(m.Features).String()
	}))
	if u, ok := o.(*schema.Union); ok {
		j.str("tag", u.TagName)
		j.raw("variants", array(u.TagEnum().Values, func(v *schema.EnumValue) string {
			branch := w.empty()
			if b := u.Branch(v.Name); b != nil {
				branch = w.use(b.Ref.Type)
			}
			return new(json).str("case", v.Name).str("type", branch).String()
		}))
	}
	w.end(j)
}
