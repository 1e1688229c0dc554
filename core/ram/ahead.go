package ram

import (
	"qmpmigrate/core/memory"
)

// ahead makes cold memory ready before pages are put there. Page faults cost a
// destination more than all else, so they are taken in large pieces, with huge
// pages, on all cores. It happens only where a long run of pages has come and
// is likely to go on, and what the run did not use is given back: memory that
// stays zero stays untouched.
type ahead struct {
	block *memory.Block
	begin uint64 // the run's first page
	next  uint64 // the page that the run goes on with
	check uint64 // the page at which to look again
	ready uint64 // pages of the block before this one are ready
	step  uint64 // how much to make ready next
	spare uint64 // zero pages that runs may still run over
	mixed mixed
}

// Steps of ahead, in pages.
const (
	hugePage  = memory.HugePage / memory.PageSize
	firstStep = hugePage
	lastStep  = 16 * hugePage
	// A step begins before a read can reach behind the one before: the kernel puts no huge page where a
	// page is.
	early = windowPages + 1
	// A run goes on over a short gap of zero pages, until such pages make up
	// 8 MiB in all.
	gap   = 32
	spare = 8 << 20 / memory.PageSize
)

func newAhead() *ahead { return &ahead{spare: spare} }

// expect is told every page that is about to be put, just before it is.
func (a *ahead) expect(b *memory.Block, page uint64) {
	if huge := page / hugePage; huge != a.mixed.huge || b != a.block {
		a.enter(b, huge)
	}
	a.mixed.came++
	if page == a.next && b == a.block {
		a.next++
		if page >= a.check {
			a.extend()
		}
		return
	}
	if b == a.block && page > a.next && page-a.next <= min(gap, a.spare) {
		a.spare -= page - a.next
		a.next = page + 1
		return
	}
	a.restart(b, page)
}

// length is how many pages have come in the run that page of b would go on
// with, 0 where it would not.
func (a *ahead) length(b *memory.Block, page uint64) uint64 {
	if b != a.block || page != a.next {
		return 0
	}
	return a.next - a.begin
}

// reach is how many pages from first on may be written before it is sure that
// they come. The kernel puts no huge page where a page has been.
func (a *ahead) reach(b *memory.Block, first uint64) uint64 {
	end := b.Pages()
	if !b.Preallocated() {
		end = min(end, max(roundUp(first, hugePage), a.ready, a.mixed.ready))
	}
	return end - first
}

// restart begins a run at page.
func (a *ahead) restart(b *memory.Block, page uint64) {
	a.drop()
	// The first look is at the end of a whole huge page of the run.
	*a = ahead{block: b, begin: page, next: page + 1, check: page + hugePage - early, step: firstStep, spare: a.spare, mixed: a.mixed}
}

// extend makes the next step of the run ready.
func (a *ahead) extend() {
	b := a.block
	from := max(a.ready, a.mixed.ready, roundUp(a.next, hugePage))
	count := min(a.step, b.Pages()-min(from, b.Pages()))
	if count < hugePage || b.Preallocated() || !b.Untouched(from, count) {
		// Nothing to gain here; look again a huge page later.
		a.check = a.next + hugePage
		return
	}
	// A failure only means that the pages fault when they are put.
	if b.MakeReady(from, count) != nil {
		a.check = b.Pages()
		return
	}
	a.ready = from + count
	a.check = a.ready - early
	a.step = min(a.step*2, lastStep)
}

// covers says whether the pages are among those that were made ready before they came.
func (a *ahead) covers(b *memory.Block, first, count uint64) bool {
	return b == a.block && first >= a.next && first+count <= max(a.ready, a.mixed.ready)
}

// drop gives back what was made ready in vain.
func (a *ahead) drop() {
	a.giveBack(a.next, a.ready)
	a.ready = 0
}

// giveBack gives back the pages from first to before end, where none of them came.
func (a *ahead) giveBack(first, end uint64) {
	if a.block != nil && first < end && a.block.Untouched(first, end-first) {
		// It only costs memory if this fails.
		_ = a.block.Discard(first, end-first)
	}
}

// close gives back what is ready and did not come. It may be called again, when others write there.
func (a *ahead) close() {
	a.drop()
	a.giveBack(a.mixed.behind(), a.mixed.ready)
	a.mixed = mixed{}
}

func roundUp(n, to uint64) uint64 { return (n + to - 1) / to * to }
