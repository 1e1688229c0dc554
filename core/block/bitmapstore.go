package block

import "fmt"

// BitmapStore is an Image that can keep bitmaps.
type BitmapStore interface {
	Image
	// LoadBitmaps gives the bitmaps that the image keeps and notes in it that
	// they are in use, if it can be written. One that was in use before is
	// inconsistent.
	LoadBitmaps() ([]*Bitmap, error)
	// StoreBitmaps keeps these and no others. Inconsistent ones stay what they
	// are in the image.
	StoreBitmaps(list []*Bitmap) error
	// CanStoreBitmap says why a further bitmap could not be kept; others is
	// how many there are to be kept.
	CanStoreBitmap(name string, granularity int64, others int) error
}

// CanStoreBitmap says why the node's image could not keep a bitmap, which need
// not be in the node yet.
func (n *Node) CanStoreBitmap(name string, granularity int64) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, ok := n.image.(BitmapStore)
	if !ok {
		return fmt.Errorf("Can't store persistent bitmaps to %s: Operation not supported", n.name)
	}
	others := 0
	for _, b := range n.bitmaps {
		if b.State().Persistent {
			others++
		}
	}
	if err := s.CanStoreBitmap(name, granularity, others); err != nil {
		return fmt.Errorf("Can't make bitmap '%s' persistent in '%s': %w", name, n.name, err)
	}
	return nil
}

// loadBitmaps adds the bitmaps that the image keeps. One that is in the node
// already was moved here, and is the newer.
func (n *Node) loadBitmaps() error {
	s, ok := n.image.(BitmapStore)
	if !ok {
		return nil
	}
	list, err := s.LoadBitmaps()
	if err != nil {
		return err
	}
	for _, b := range list {
		if n.bitmap(b.name) == nil {
			n.bitmaps = append(n.bitmaps, b)
		}
	}
	return nil
}

// storeBitmaps keeps the persistent bitmaps in the image and lets go of them:
// they come back when the image is used again.
func (n *Node) storeBitmaps() error {
	s, ok := n.image.(BitmapStore)
	if !ok || n.readOnly || n.inactive {
		return nil
	}
	var store, rest []*Bitmap
	for _, b := range n.bitmaps {
		if state := b.State(); state.Persistent && !state.SkipStore {
			store = append(store, b)
		} else {
			rest = append(rest, b)
		}
	}
	if err := s.StoreBitmaps(store); err != nil {
		return err
	}
	n.bitmaps = rest
	return nil
}
