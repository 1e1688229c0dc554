package golang

import "qmpmigrate/qapi/gen/schema"

// alternate writes a struct with one field for each type that the value may be of.
func (p *printer) alternate(a *schema.Alternate) {
	p.comment(a.Name + ": " + lower(a.Doc.Text) + "\n\nExactly one field is not nil.")
	p.line("type %s struct {", a.Name)
	for _, b := range a.Branches {
		p.comment(b.Doc)
		p.line("%s %s", goName(b.Name), memberType(&schema.Member{Optional: true, Ref: b.Ref}))
	}
	p.line("}")
	p.line("")
	p.line("func decode%s(c *cursor, v any) (x %s) {", a.Name, a.Name)
	p.line("switch v.(type) {")
	for _, b := range a.Branches {
		p.line("case %s:", goKinds(b.Ref.Type))
		field := "x." + goName(b.Name)
		if list, ok := b.Ref.Type.(*schema.Array); ok {
			p.line("%s = decodeList(c, v, %s)", field, decoder(list.Elem))
		} else {
			p.line("%s = new(%s(c, v))", field, decoder(b.Ref.Type))
		}
	}
	p.line("default:")
	p.line("c.noAlternative(%q)", a.Name)
	p.line("}")
	p.line("return x")
	p.line("}")
	p.line("")
	p.line("// AppendJSON appends the value in compact form; null when no field is set.")
	p.line("func (x *%s) AppendJSON(b []byte) []byte {", a.Name)
	p.line("switch {")
	for _, b := range a.Branches {
		field := "x." + goName(b.Name)
		p.line("case %s != nil:", field)
		p.line("return %s", encode(b.Ref.Type, "b", field, needsPointer(b.Ref.Type)))
	}
	p.line("}")
	p.line(`return append(b, "null"...)`)
	p.line("}")
	p.line("")
}

// goKinds lists the Go types in which a JSON value of the type may come from the parser.
func goKinds(t schema.Type) string {
	switch t.JSON() {
	case "string":
		return "string"
	case "boolean":
		return "bool"
	case "null":
		return "qobject.Null"
	case "array":
		return "qobject.List"
	case "object":
		return "*qobject.Dict"
	}
	return "int64, uint64, float64"
}
