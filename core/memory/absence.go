package memory

// Absence is what a block has while its guest runs already and pages of it are
// still to come. A page that is absent reads as nothing that the guest may see.
type Absence interface {
	// Wait asks for page n and returns true once it may be touched, false when
	// stop is closed before. cpu is the number of the vCPU that wants the
	// page, or NoCPU. It may be called from any goroutine.
	Wait(n uint64, cpu int, stop <-chan struct{}) bool
}

// NoCPU stands for whoever looks at memory without being a vCPU.
const NoCPU = -1

// SetAbsence makes Wait ask a. nil says that every page is there.
func (b *Block) SetAbsence(a Absence) {
	if a == nil {
		b.absence.Store(nil)
		return
	}
	b.absence.Store(&a)
}

// Wait returns true once page n may be touched; whoever touches memory that may
// be absent calls it before. It costs one load where every page is there.
func (b *Block) Wait(n uint64, cpu int, stop <-chan struct{}) bool {
	a := b.absence.Load()
	return a == nil || (*a).Wait(n, cpu, stop)
}

// WaitRange is Wait for size bytes from byte at on, by one who is no vCPU.
func (b *Block) WaitRange(at, size uint64, stop <-chan struct{}) bool {
	if size == 0 || b.absence.Load() == nil {
		return true
	}
	for n := at / PageSize; n <= (at+size-1)/PageSize; n++ {
		if !b.Wait(n, NoCPU, stop) {
			return false
		}
	}
	return true
}

// Guard is what an accelerator does about absent pages where vCPUs touch memory
// without asking Wait, because they run outside of this process. Pages in its
// arguments are those of the block, and always whole host pages.
type Guard interface {
	// Guard begins: from now on whoever touches a page that is not there waits
	// for Place, and fault is told. fault is called from a goroutine of the
	// guard's: while it waits for a source that takes nothing, no other fault is
	// told. cpu may be NoCPU.
	Guard(fault func(page uint64, cpu int)) error
	// Place makes pages from page on what data holds, at once for all who see
	// the memory, and wakes whoever waits. A page that is there already stays
	// as it is. It may be called from several goroutines for different pages.
	Place(page uint64, data []byte) error
	// PlaceZero is Place for count pages of zeros.
	PlaceZero(page, count uint64) error
	// Unguard ends what Guard began, when no page is absent any more.
	Unguard() error
}

// SetGuard says who guards the block; nil is nobody: everyone asks Wait.
func (b *Block) SetGuard(g Guard) { b.guard = g }

// Guard gives who guards the block, or nil.
func (b *Block) Guard() Guard { return b.guard }
