package schema

import "slices"

// parts are the named things inside one definition, those of its base left out.
type parts struct {
	features []string
	values   []*EnumValue
	members  []*Member
	branches []*Branch
	others   []*Ref // bases, named data, results
}

func partsOf(def Definition) parts {
	p := parts{features: def.Common().Features}
	switch d := def.(type) {
	case *Enum:
		p.values = d.Values
	case *Struct:
		p.members, p.others = d.Members, []*Ref{d.Base}
	case *Union:
		p.members, p.branches, p.others = d.Members, d.Branches, []*Ref{d.Base}
	case *Alternate:
		p.branches = d.Branches
	case *Command:
		p.others = []*Ref{d.Data, d.Returns}
		if d.Args != nil {
			p.members = d.Args.Members
		}
	case *Event:
		p.members, p.others = d.Members, []*Ref{d.Data}
	}
	p.others = slices.DeleteFunc(p.others, func(r *Ref) bool { return r == nil })
	return p
}

func (p parts) refs() []*Ref {
	refs := slices.Clone(p.others)
	for _, m := range p.members {
		refs = append(refs, m.Ref)
	}
	for _, b := range p.branches {
		refs = append(refs, b.Ref)
	}
	return refs
}

// hasName tells whether a comment may describe name as a value, member or branch.
func (p parts) hasName(name string) bool {
	return slices.ContainsFunc(p.values, func(v *EnumValue) bool { return v.Name == name }) ||
		slices.ContainsFunc(p.members, func(m *Member) bool { return m.Name == name }) ||
		slices.ContainsFunc(p.branches, func(b *Branch) bool { return b.Name == name })
}

// hasFeature tells whether the definition or anything inside it has a feature of that name.
func (p parts) hasFeature(name string) bool {
	return slices.Contains(p.features, name) ||
		slices.ContainsFunc(p.values, func(v *EnumValue) bool { return slices.Contains(v.Features, name) }) ||
		slices.ContainsFunc(p.members, func(m *Member) bool { return slices.Contains(m.Features, name) })
}

// Refs lists all types that a definition names.
func Refs(def Definition) []*Ref { return partsOf(def).refs() }
