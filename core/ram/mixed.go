package ram

import "qmpmigrate/core/memory"

// mixed is about memory in which pages and zeros take turns, so that no run is
// long. Where many pages of one huge page came, those behind it are made ready
// before they come: one fault instead of hundreds.
type mixed struct {
	huge  uint64 // the huge page that the last page was in
	came  uint64 // pages of it that came
	ready uint64 // pages before this one are ready
	step  uint64 // how many huge pages were made ready at once
}

// dense is how many pages of a huge page make it likely that the next ones will
// be worth their memory as well.
const dense = hugePage / 8

// enter is told that the next page is in another huge page of b, or in another block.
func (a *ahead) enter(b *memory.Block, huge uint64) {
	before, first := a.mixed, huge*hugePage
	a.mixed = mixed{huge: huge}
	switch next := b == a.block && huge == before.huge+1 && before.came >= dense; {
	case !next:
		a.giveBack(before.behind(), before.ready)
	case first < before.ready:
		a.mixed.ready, a.mixed.step = before.ready, before.step
	case first >= a.ready:
		a.dense(b, first, min(max(2*before.step, 1), lastStep/hugePage))
	}
}

// dense makes step huge pages from first on ready.
func (a *ahead) dense(b *memory.Block, first, step uint64) {
	count := min(step, (b.Pages()-first)/hugePage) * hugePage
	if count == 0 || b.Preallocated() || !b.Untouched(first, count) {
		return
	}
	// A failure only means that the pages fault when they are put.
	if b.MakeReady(first, count) == nil {
		a.mixed.ready, a.mixed.step = first+count, step
	}
}

// behind is the first page behind the huge page that the last page was in.
func (m *mixed) behind() uint64 { return (m.huge + 1) * hugePage }
