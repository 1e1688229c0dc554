package schema

import "slices"

// checkUnion finds the discriminator and holds the branches to its values.
func checkUnion(u *Union) error {
	if err := distinct(u, &u.Info); err != nil {
		return err
	}
	all := u.AllMembers()
	i := slices.IndexFunc(all, func(m *Member) bool { return m.Name == u.TagName })
	if i < 0 {
		return errorAt(u.Pos, "discriminator '%s' of '%s' is not a member of its base", u.TagName, u.Name)
	}
	u.Tag = all[i]
	tags, ok := u.Tag.Ref.Type.(*Enum)
	if !ok || u.Tag.Optional {
		return errorAt(u.Pos, "discriminator '%s' of '%s' must be a mandatory member of an enumeration type", u.TagName, u.Name)
	}
	if len(u.Branches) == 0 {
		return errorAt(u.Pos, "union '%s' has no branches", u.Name)
	}
	for _, b := range u.Branches {
		if tags.Value(b.Name) == nil {
			return errorAt(b.Pos, "branch '%s' of '%s' is not a value of enum '%s'", b.Name, u.Name, tags.Name)
		}
		o, ok := b.Ref.Type.(Object)
		if !ok {
			return errorAt(b.Pos, "branch '%s' of '%s' must be an object, not '%s'", b.Name, u.Name, b.Ref.Type.TypeName())
		}
		for _, m := range o.AllMembers() {
			if slices.ContainsFunc(all, func(base *Member) bool { return base.Name == m.Name }) {
				return errorAt(b.Pos, "member '%s' of branch '%s' of '%s' is also a member of its base", m.Name, b.Name, u.Name)
			}
		}
	}
	sortBranches(u, tags)
	return nil
}

// sortBranches puts branches into the order of the discriminator's values, which is the order of everything derived.
func sortBranches(u *Union, tags *Enum) {
	at := func(b *Branch) int {
		return slices.IndexFunc(tags.Values, func(v *EnumValue) bool { return v.Name == b.Name })
	}
	slices.SortStableFunc(u.Branches, func(a, b *Branch) int { return at(a) - at(b) })
}

// checkAlternate makes sure that a value's JSON type decides between the branches.
func checkAlternate(a *Alternate) error {
	if len(a.Branches) == 0 {
		return errorAt(a.Pos, "alternate '%s' has no branches", a.Name)
	}
	taken := map[string]string{}
	for _, b := range a.Branches {
		kind := b.Ref.Type.JSON()
		switch kind {
		case "value":
			return errorAt(b.Pos, "branch '%s' of '%s' cannot be of type '%s'", b.Name, a.Name, b.Ref.Type.TypeName())
		case "int":
			kind = "number" // both come as the same kind of token
		}
		if other := taken[kind]; other != "" {
			return errorAt(b.Pos, "branch '%s' of '%s' cannot be told from '%s'", b.Name, a.Name, other)
		}
		taken[kind] = b.Name
	}
	return nil
}
