package postcopy

import "qmpmigrate/core/memory"

// ahead makes memory ready a huge page at a time where nearly all pages that
// come hold something: page faults cost more than all else. Unlike in precopy
// nothing is given back, since others may place pages there at the same time;
// where zeros come there are soon no huge pages any more.
type ahead struct {
	// score goes up with each page that holds something, and down with zeros.
	score int
}

const (
	chunk      = memory.HugePage / memory.PageSize
	scoreReady = chunk // a huge page's worth of pages, before the next is made ready
	scoreLimit = 2 * scoreReady
	scoreZero  = 4 // how many pages one of zeros outweighs
)

// expect is told a page that is about to be placed, just before it is.
func (a *ahead) expect(b *block, page uint64) {
	if a.score < scoreLimit {
		a.score++
	}
	if a.score < scoreReady || b.absent == nil || b.Guard() != nil {
		return
	}
	first := page &^ (chunk - 1)
	if first+chunk > b.Pages() || b.Preallocated() || !b.Untouched(first, chunk) {
		return
	}
	// A failure only means that the pages fault when they are placed.
	_ = b.MakeReady(first, chunk)
}

func (a *ahead) zero() { a.score = max(a.score-scoreZero, 0) }
