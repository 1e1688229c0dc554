package dirtybitmap

import (
	"errors"
	"fmt"
	"slices"

	"qmpmigrate/core/wire"
)

// find finds the node and the bitmap that a chunk is about: those that it
// names, or those of the one before. A bitmap that begins is not there yet: name is what it shall be called.
func (l *Loader) find(c *chunk) (name string, to *MappedBitmap, err error) {
	if c.kind&wire.DirtyNode != 0 {
		if err := l.findNode(c.node); err != nil {
			return "", nil, err
		}
	}
	if l.node == nil {
		return "", nil, errors.New("Error: block device name is not set")
	}
	if c.kind&wire.DirtyBitmap == 0 {
		// One that is whole while the VM runs is others' by now.
		if !slices.Contains(l.arriving, l.bitmap) {
			return "", nil, errors.New("Error: block device name is not set")
		}
		return l.bitmap.Name(), nil, nil
	}
	name = c.bitmap
	if l.mapped != nil {
		if to = l.mapped.aliased(c.bitmap); to == nil {
			return "", nil, fmt.Errorf("Error: Unknown bitmap alias '%s' on node '%s' (alias '%s')", c.bitmap, l.node.Name(), l.alias)
		}
		name = to.Name
	}
	l.bitmap = nil
	for _, b := range l.arriving {
		if b.node == l.node && b.Name() == name {
			l.bitmap = b
		}
	}
	// A bitmap that did not come by this stream is none of its business.
	if l.bitmap == nil && c.kind&wire.DirtyStart == 0 {
		return "", nil, fmt.Errorf("Error: unknown dirty bitmap '%s' for block device '%s'", name, l.node.Name())
	}
	return name, to, nil
}

func (l *Loader) findNode(alias string) error {
	l.node, l.mapped, l.bitmap, l.alias = nil, nil, nil, alias
	if l.mapping == nil {
		if l.node = l.graph.Find(alias); l.node == nil {
			return fmt.Errorf("Cannot find device='%s' nor node-name='%s'", alias, alias)
		}
		return nil
	}
	if l.mapped = l.mapping.aliased(alias); l.mapped == nil {
		return fmt.Errorf("Error: Unknown node alias '%s'", alias)
	}
	if l.node = l.graph.Node(l.mapped.Name); l.node == nil {
		return fmt.Errorf("Cannot find device='' nor node-name='%s'", l.mapped.Name)
	}
	return nil
}
