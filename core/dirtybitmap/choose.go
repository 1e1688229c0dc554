package dirtybitmap

import (
	"fmt"
	"slices"

	"qmpmigrate/core/block"
)

// maxName is the longest name that the stream has room for, in bytes.
const maxName = 255

// choose takes hold of all bitmaps that go, or of none. Texts are QEMU's, and
// so is the order: disks by the names of their drives, then other nodes; on
// each the newest bitmap first.
func (s *Saver) choose() error {
	done := map[*block.Node]bool{}
	if s.mapping == nil {
		for _, b := range s.graph.Backends() {
			if b.Name == "" || b.Node == nil || done[b.Node] {
				continue
			}
			if err := s.chooseFrom(b.Node, b.Name); err != nil {
				return err
			}
			done[b.Node] = true
		}
	}
	nodes := s.graph.Nodes()
	slices.Reverse(nodes)
	for _, n := range nodes {
		if done[n] {
			continue
		}
		if err := s.chooseFrom(n, n.Name()); err != nil {
			return err
		}
	}
	return nil
}

// chooseFrom takes hold of the bitmaps of a node, which is called name.
func (s *Saver) chooseFrom(n *block.Node, name string) error {
	bitmaps := slices.DeleteFunc(n.Bitmaps(), func(b *block.Bitmap) bool { return b.Name() == "" })
	if len(bitmaps) == 0 {
		return nil
	}
	slices.Reverse(bitmaps)
	alias := name
	var mapped *MappedNode
	if s.mapping != nil {
		if mapped = s.mapping.named(name); mapped == nil {
			return nil
		}
		alias = mapped.Alias
	}
	if alias[0] == '#' {
		return fmt.Errorf("Bitmap '%s' in a node with auto-generated name '%s' can't be migrated", bitmaps[0].Name(), alias)
	}
	for _, b := range bitmaps {
		if err := usable(b); err != nil {
			return err
		}
		out := &outBitmap{Bitmap: b, node: n, nodeAlias: alias, alias: b.Name()}
		var to *MappedBitmap
		if mapped != nil {
			if to = mapped.named(b.Name()); to == nil {
				continue
			}
			out.alias = to.Alias
		}
		if len(out.alias) > maxName {
			return fmt.Errorf("Cannot migrate bitmap '%s' on node '%s': Name is longer than %d bytes", b.Name(), name, maxName)
		}
		if err := out.take(to); err != nil {
			return err
		}
		s.bitmaps = append(s.bitmaps, out)
	}
	return nil
}

func usable(b *block.Bitmap) error { return unusable(b.Name(), b.State()) }

// unusable says why a bitmap cannot be used.
func unusable(name string, s block.State) error {
	switch {
	case s.Busy:
		return fmt.Errorf("Bitmap '%s' is currently in use by another operation and cannot be used", name)
	case s.Inconsistent:
		return fmt.Errorf("Bitmap '%s' is inconsistent and cannot be used", name)
	}
	return nil
}
