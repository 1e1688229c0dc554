package golang

import (
	"slices"
	"strings"

	"qmpmigrate/qapi/gen/schema"
)

// enum writes a string type, its values, and the way from text to value.
func (p *printer) enum(e *schema.Enum) {
	p.comment(e.Name + ": " + lower(e.Doc.Text))
	p.line("type %s string", e.Name)
	p.line("")
	p.line("// The values of %s.", e.Name)
	p.line("const (")
	for _, v := range e.Values {
		p.comment(e.Doc.Members[v.Name])
		p.line("%s %s = %q", constant(e, v), e.Name, v.Name)
	}
	p.line(")")
	p.line("")
	p.line("// %sValues returns all values in the order of the schema.", e.Name)
	p.line("func %sValues() []%s {", e.Name, e.Name)
	names := constants(e)
	p.line("return []%s{\n%s,\n}", e.Name, strings.Join(names, ",\n"))
	p.line("}")
	p.line("")
	p.line("// Parse%s returns the value of that name.", e.Name)
	p.line("func Parse%s(name string) (%s, bool) {", e.Name, e.Name)
	p.line("switch v := %s(name); v {", e.Name)
	p.line("case %s:", strings.Join(names, ",\n"))
	p.line("return v, true")
	p.line("}")
	p.line(`return "", false`)
	p.line("}")
	p.line("")
	p.decodeEnum(e)
}

// decodeEnum writes the decoder; it looks at the features of values where some have them.
func (p *printer) decodeEnum(e *schema.Enum) {
	if !slices.ContainsFunc(e.Values, func(v *schema.EnumValue) bool { return features(v.Features) != "" }) {
		p.line("func decode%s(c *cursor, v any) %s { return decodeEnum(c, v, Parse%s) }", e.Name, e.Name, e.Name)
		p.line("")
		return
	}
	p.line("func decode%s(c *cursor, v any) %s {", e.Name, e.Name)
	p.line("return decodeSpecialEnum(c, v, Parse%s, func(v %s) Features {", e.Name, e.Name)
	p.line("switch v {")
	for _, v := range e.Values {
		if f := features(v.Features); f != "" {
			p.line("case %s:", constant(e, v))
			p.line("return %s", f)
		}
	}
	p.line("}")
	p.line("return 0")
	p.line("})")
	p.line("}")
	p.line("")
}

func constant(e *schema.Enum, v *schema.EnumValue) string { return e.Name + goName(v.Name) }

func constants(e *schema.Enum) (names []string) {
	for _, v := range e.Values {
		names = append(names, constant(e, v))
	}
	return names
}
