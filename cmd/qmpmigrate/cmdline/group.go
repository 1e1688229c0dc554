package cmdline

// group holds all uses of one QemuOpts option.
type group struct {
	spec    *spec
	entries []*opts
}

// parse reads one argument into a new entry, or into the only one of a merging group.
func (g *group) parse(text string, where Origin, warn func(item)) (*opts, error) {
	id, named := scanID(text)
	entry, err := g.entry(id, named, where)
	if err != nil {
		return nil, err
	}
	if err := entry.parse(text, g.spec.implied, warn); err != nil {
		return nil, err
	}
	return entry, nil
}

// entry makes an entry after checking its id.
func (g *group) entry(id string, named bool, where Origin) (*opts, error) {
	switch {
	case g.spec.merge && named:
		return nil, invalidParameter("id")
	case g.spec.merge && len(g.entries) > 0:
		g.entries[0].where = where
		return g.entries[0], nil
	case named && !idWellFormed(id):
		return nil, malformedID()
	case named && g.find(id) != nil:
		return nil, duplicateID(id, g.spec.name)
	}
	entry := &opts{spec: g.spec, id: id, where: where}
	g.entries = append(g.entries, entry)
	return entry, nil
}

// find returns the entry with that id, or nil.
func (g *group) find(id string) *opts {
	for _, entry := range g.entries {
		if entry.id == id && id != "" {
			return entry
		}
	}
	return nil
}

// last returns the newest entry, or nil.
func (g *group) last() *opts {
	if len(g.entries) == 0 {
		return nil
	}
	return g.entries[len(g.entries)-1]
}
