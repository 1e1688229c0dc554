package guest

import "time"

// Ringed is a guest whose vCPUs may have dirty rings.
type Ringed interface {
	Guest
	// DirtyRings are those of the vCPUs, nil where they have none.
	DirtyRings() DirtyRings
}

// DirtyRings are rings in which vCPUs note the pages that they dirty. A page that
// is in one can be written over and over; it counts once, until its ring is
// emptied because it is full, or by Harvest. All may be called at any time, from
// any goroutine; after the guest's Close nothing happens any more.
type DirtyRings interface {
	// Size is how many pages a ring takes.
	Size() int
	// VCPUs is how many rings there are.
	VCPUs() int
	// Count makes the vCPUs use their rings, or no longer.
	Count(on bool)
	// Harvest empties the rings.
	Harvest()
	// Dirtied is how many pages the vCPU has put into its ring since the guest
	// was made, and for how long a limit has kept it from doing so.
	Dirtied(vcpu int) (pages uint64, held time.Duration)
	// Limit bounds how many pages a second the vCPU puts into its ring while
	// rings are in use; 0 is no bound.
	Limit(vcpu int, pages uint64)
}

// RingsOf are the dirty rings of m, nil where it has none.
func RingsOf(m Machine) DirtyRings {
	if r, ok := m.(Ringed); ok {
		return r.DirtyRings()
	}
	return nil
}

// DirtyRings are the guest's, where it has any.
func (n *native) DirtyRings() DirtyRings {
	if r, ok := n.Guest.(Ringed); ok {
		return r.DirtyRings()
	}
	return nil
}
