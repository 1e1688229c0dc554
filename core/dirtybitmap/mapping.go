package dirtybitmap

// Mapping says which names nodes and bitmaps have in the stream. nil is no
// mapping: everything goes under its own name. Where there is one, what it does
// not name does not go, and is not taken.
type Mapping []MappedNode

// MappedNode is a node.
type MappedNode struct {
	// Name is what it is called here, Alias in the stream.
	Name, Alias string
	Bitmaps     []MappedBitmap
}

// MappedBitmap is a bitmap of a node.
type MappedBitmap struct {
	Name, Alias string
	// Persistent replaces what a bitmap is by itself; nil leaves it.
	Persistent *bool
}

func (m Mapping) named(name string) *MappedNode {
	for i := range m {
		if m[i].Name == name {
			return &m[i]
		}
	}
	return nil
}

func (m Mapping) aliased(alias string) *MappedNode {
	for i := range m {
		if m[i].Alias == alias {
			return &m[i]
		}
	}
	return nil
}

func (n *MappedNode) named(name string) *MappedBitmap {
	for i := range n.Bitmaps {
		if n.Bitmaps[i].Name == name {
			return &n.Bitmaps[i]
		}
	}
	return nil
}

func (n *MappedNode) aliased(alias string) *MappedBitmap {
	for i := range n.Bitmaps {
		if n.Bitmaps[i].Alias == alias {
			return &n.Bitmaps[i]
		}
	}
	return nil
}

// keeps says whether the image shall keep a bitmap that is persistent or not by
// itself.
func (b *MappedBitmap) keeps(persistent bool) bool {
	if b != nil && b.Persistent != nil {
		return *b.Persistent
	}
	return persistent
}
