package settings

import (
	"fmt"
	"strings"

	"qmpmigrate/core/dirtybitmap"
	"qmpmigrate/qapi"
)

// Bounds of names in a mapping of dirty bitmaps, in bytes: what a record of
// the stream holds, and what an image does.
const (
	maxBitmapAlias = 255
	maxNodeName    = 31
	maxBitmapName  = 1023
)

// BitmapMapping is block-bitmap-mapping: nil where it was never set, and no
// longer nil once it was.
func (s *Settings) BitmapMapping() dirtybitmap.Mapping {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parameters.BlockBitmapMapping == nil {
		return nil
	}
	mapping := dirtybitmap.Mapping{}
	for _, n := range s.parameters.BlockBitmapMapping {
		node := dirtybitmap.MappedNode{Name: n.NodeName, Alias: n.Alias}
		for _, b := range n.Bitmaps {
			to := dirtybitmap.MappedBitmap{Name: b.Name, Alias: b.Alias}
			if b.Transform != nil {
				to.Persistent = b.Transform.Persistent
			}
			node.Bitmaps = append(node.Bitmaps, to)
		}
		mapping = append(mapping, node)
	}
	return mapping
}

// checkBitmapMapping checks that both sides of a mapping are unambiguous: first
// all that is about names here, then what is about names in the stream.
func checkBitmapMapping(nodes []qapi.BitmapMigrationNodeAlias) error {
	if err := checkNodes(nodes, false); err != nil {
		return err
	}
	return checkNodes(nodes, true)
}

func checkNodes(nodes []qapi.BitmapMigrationNodeAlias, aliases bool) error {
	seen := map[string]bool{}
	for i := range nodes {
		n := &nodes[i]
		key, twice := n.NodeName, "The node name '%s' is mapped twice"
		if aliases {
			key, twice = n.Alias, "The node alias '%s' is used twice"
		}
		switch {
		case !wellFormed(n.Alias):
			return fmt.Errorf("The node alias '%s' is not well-formed", n.Alias)
		case len(n.Alias) > maxBitmapAlias:
			return fmt.Errorf("The node alias '%s' is longer than %d bytes", n.Alias, maxBitmapAlias)
		case len(n.NodeName) > maxNodeName:
			return fmt.Errorf("The node name '%s' is longer than %d bytes", n.NodeName, maxNodeName)
		case seen[key]:
			return fmt.Errorf(twice, key)
		}
		seen[key] = true
		if err := checkBitmaps(n, aliases); err != nil {
			return err
		}
	}
	return nil
}

func checkBitmaps(n *qapi.BitmapMigrationNodeAlias, aliases bool) error {
	seen := map[string]bool{}
	for _, b := range n.Bitmaps {
		node, key, twice := n.NodeName, b.Name, "The bitmap '%s'/'%s' is mapped twice"
		if aliases {
			node, key, twice = n.Alias, b.Alias, "The bitmap alias '%s'/'%s' is used twice"
		}
		switch {
		case len(b.Alias) > maxBitmapAlias:
			return fmt.Errorf("The bitmap alias '%s' is longer than %d bytes", b.Alias, maxBitmapAlias)
		case len(b.Name) > maxBitmapName:
			return fmt.Errorf("The bitmap name '%s' is longer than %d bytes", b.Name, maxBitmapName)
		case seen[key]:
			return fmt.Errorf(twice, node, key)
		}
		seen[key] = true
	}
	return nil
}

// wellFormed says whether id is an identifier: a letter, then letters, digits, '-', '.' and '_'.
func wellFormed(id string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	rest := strings.TrimLeft(id, letters)
	return len(rest) < len(id) && strings.Trim(rest, letters+"0123456789-._") == ""
}
