package golang

import "qmpmigrate/qapi/gen/schema"

// object writes a struct type for a struct or union, with its decoder and encoder.
func (p *printer) object(o schema.Object) {
	name, doc := o.TypeName(), o.Common().Doc
	p.comment(name + ": " + lower(doc.Text))
	p.line("type %s struct {", name)
	p.fields(o.AllMembers())
	if u, ok := o.(*schema.Union); ok {
		p.line("")
		p.line("// The one that %s names is set; values that are not here add no members.", goName(u.TagName))
		for _, b := range u.Branches {
			p.comment(b.Doc)
			p.line("%s *%s", goName(b.Name), b.Ref.Name)
		}
	}
	p.line("}")
	p.line("")
	p.codec(name, o)
}

func (p *printer) fields(members []*schema.Member) {
	for _, m := range members {
		p.comment(m.Doc)
		p.line("%s %s", goName(m.Name), memberType(m))
	}
}

// codec writes the four functions of an object.
func (p *printer) codec(name string, o schema.Object) {
	u, _ := o.(*schema.Union)
	p.line("// Decode%s checks and decodes an object; nil counts as empty. Errors are *Error.", name)
	p.line("func Decode%s(d *qobject.Dict) (*%s, error) { return decodeDict[%s](nil, d) }", name, name, name)
	p.line("")
	p.line("func (x *%s) readMembers(o *object) {", name)
	for _, m := range o.AllMembers() {
		if f := features(m.Features); f != "" {
			p.line("o.restrict(%q, %s, %t)", m.Name, f, m.Optional)
		}
		p.line("x.%s = %s", goName(m.Name), read(m))
	}
	if u != nil {
		p.branches(u, func(b *schema.Branch, field string) {
			p.line("%s = new(%s)", field, b.Ref.Name)
			p.line("%s.readMembers(o)", field)
		})
	}
	p.line("}")
	p.line("")
	p.line("// AppendJSON appends the object in compact form.")
	p.line("func (x *%s) AppendJSON(b []byte) []byte {", name)
	p.line("return append(x.appendMembers(append(b, '{')), '}')")
	p.line("}")
	p.line("")
	p.line("func (x *%s) appendMembers(b []byte) []byte {", name)
	p.appendMembers("x", o.AllMembers())
	if u != nil {
		p.branches(u, func(_ *schema.Branch, field string) {
			p.line("if %s != nil {", field)
			p.line("b = %s.appendMembers(b)", field)
			p.line("}")
		})
	}
	p.line("return b")
	p.line("}")
	p.line("")
}

// branches writes a switch over the discriminator.
func (p *printer) branches(u *schema.Union, branch func(b *schema.Branch, field string)) {
	e := u.TagEnum()
	p.line("switch x.%s {", goName(u.TagName))
	for _, b := range u.Branches {
		p.line("case %s:", constant(e, e.Value(b.Name)))
		branch(b, "x."+goName(b.Name))
	}
	p.line("}")
}

// read is the expression that decodes one member.
func read(m *schema.Member) string {
	need := "required"
	if m.Optional {
		need = "optional"
	}
	if a, ok := m.Ref.Type.(*schema.Array); ok {
		return need + `List(o, "` + m.Name + `", ` + decoder(a.Elem) + ")"
	}
	if m.Optional && !needsPointer(m.Ref.Type) {
		return `optionalAny(o, "` + m.Name + `")`
	}
	return need + `(o, "` + m.Name + `", ` + decoder(m.Ref.Type) + ")"
}

// appendMembers writes the statements that append the members of recv.
func (p *printer) appendMembers(recv string, members []*schema.Member) {
	for _, m := range members {
		field := recv + "." + goName(m.Name)
		ptr := m.Optional && needsPointer(m.Ref.Type)
		if m.Optional {
			p.line("if %s != nil {", field)
		}
		p.line("b = %s", encode(m.Ref.Type, `key(b, "`+m.Name+`")`, field, ptr))
		if m.Optional {
			p.line("}")
		}
	}
}
