package block

import "slices"

// Bitmaps lists the node's bitmaps in the order in which they were added.
func (n *Node) Bitmaps() []*Bitmap {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.bitmaps)
}

// Bitmap finds a bitmap by its name, nil where there is none.
func (n *Node) Bitmap(name string) *Bitmap {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.bitmap(name)
}

func (n *Node) bitmap(name string) *Bitmap {
	for _, b := range n.bitmaps {
		if b.name == name {
			return b
		}
	}
	return nil
}

// busy says whether something uses one of the node's bitmaps.
func (n *Node) busy() bool {
	return slices.ContainsFunc(n.Bitmaps(), func(b *Bitmap) bool { return b.State().Busy })
}

// AddBitmap lets b record what is written to the node from now on, if it is enabled.
func (n *Node) AddBitmap(b *Bitmap) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.bitmaps = append(n.bitmaps, b)
}

// RemoveBitmap undoes AddBitmap.
func (n *Node) RemoveBitmap(b *Bitmap) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.bitmaps = slices.DeleteFunc(n.bitmaps, func(other *Bitmap) bool { return other == b })
}
