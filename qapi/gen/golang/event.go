package golang

import "qmpmigrate/qapi/gen/schema"

// event writes an event's type. Named data is embedded.
func (p *printer) event(e *schema.Event) {
	name := eventType(e.Name)
	p.comment(name + " is the event " + e.Name + ": " + lower(e.Doc.Text))
	p.line("type %s struct {", name)
	if e.Data == nil && len(e.Members) == 0 {
		p.Truncate(p.Len() - 1)
	}
	if e.Data != nil {
		p.line("%s", e.Data.Name)
	}
	p.fields(e.Members)
	p.line("}")
	p.line("")
	p.line("// EventName implements Event.")
	p.line("func (%s) EventName() string { return %q }", name, e.Name)
	p.line("")
	p.eventPolicy(name, e)
	p.line("// AppendData implements Event.")
	switch {
	case e.Data != nil:
		p.line("func (e %s) AppendData(b []byte) []byte { return e.%s.AppendJSON(b) }", name, e.Data.Name)
	case len(e.Members) == 0:
		p.line("func (%s) AppendData(b []byte) []byte { return b }", name)
	default:
		p.line("func (e %s) AppendData(b []byte) []byte {", name)
		p.line("b = append(b, '{')")
		p.appendMembers("e", e.Members)
		p.line("return append(b, '}')")
		p.line("}")
	}
	p.line("")
}
