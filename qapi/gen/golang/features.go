package golang

import (
	"fmt"
	"slices"
	"strings"

	"qmpmigrate/qapi/gen/schema"
)

// features is the Go expression for those features that policies care about; empty for none.
func features(list []string) string {
	var out []string
	for _, f := range []struct{ name, constant string }{{"deprecated", "Deprecated"}, {"unstable", "Unstable"}} {
		if slices.Contains(list, f.name) {
			out = append(out, f.constant)
		}
	}
	return strings.Join(out, " | ")
}

// hiddenMembers is the Go expression for the members inside values of a type that have such features; empty for none.
func hiddenMembers(t schema.Type) string {
	h := hider{}
	h.walk(t, nil)
	if len(h.found) == 0 {
		return ""
	}
	return "[]HiddenMember{" + strings.Join(h.found, ", ") + "}"
}

// hider looks for members with features. A type inside itself is not entered again: its members are found once.
type hider struct {
	found []string
	open  []string
}

func (h *hider) walk(t schema.Type, path []string) {
	if a, ok := t.(*schema.Array); ok {
		h.walk(a.Elem, path)
		return
	}
	if slices.Contains(h.open, t.TypeName()) {
		return
	}
	h.open = append(h.open, t.TypeName())
	defer func() { h.open = h.open[:len(h.open)-1] }()
	switch t := t.(type) {
	case *schema.Alternate:
		for _, b := range t.Branches {
			h.walk(b.Ref.Type, path)
		}
	case schema.Object:
		h.members(t.AllMembers(), path)
		if u, ok := t.(*schema.Union); ok {
			for _, b := range u.Branches {
				h.walk(b.Ref.Type, path)
			}
		}
	}
}

func (h *hider) members(members []*schema.Member, path []string) {
	for _, m := range members {
		inner := append(slices.Clone(path), m.Name)
		if f := features(m.Features); f != "" {
			h.found = append(h.found, fmt.Sprintf("{Path: []string{%s}, Features: %s}", quoted(inner), f))
			continue
		}
		h.walk(m.Ref.Type, inner)
	}
}

func quoted(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }

// eventPolicy writes what policies want to know of an event, where there is something.
func (p *printer) eventPolicy(name string, e *schema.Event) {
	if f := features(e.Features); f != "" {
		p.line("// EventFeatures tells policies of the event.")
		p.line("func (%s) EventFeatures() Features { return %s }", name, f)
		p.line("")
	}
	data := schema.Type(&schema.Struct{Members: e.Members})
	if e.Data != nil {
		data = e.Data.Type
	}
	if hidden := hiddenMembers(data); hidden != "" {
		p.line("// HiddenMembers tells policies of the event's data.")
		p.line("func (%s) HiddenMembers() []HiddenMember { return %s }", name, hidden)
		p.line("")
	}
}
