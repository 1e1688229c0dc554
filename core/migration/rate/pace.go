package rate

import (
	"math"
	"slices"
	"time"
)

// Pace is what sending costs, by what was sent lately: the time that was spent
// with it, without that in which the bandwidth limit let nothing go. A page that
// goes for the first time costs its destination a page fault, which is several
// times as much as the page itself.
type Pace struct {
	fresh, all spell
	// again are the last costs of pages that had gone before, in seconds; one
	// by itself is far off when something else had the processor.
	again [7]float64
	turns int // of which again is the last few
	// least is the cheapest turn of fresh pages: its faults were over before.
	least float64
}

// spell is what went out in some time. What went out long ago fades.
type spell struct{ seconds, pages, bytes float64 }

// memorable is how many seconds of sending a spell remembers: destinations take
// page faults for many pages at once.
const memorable = 0.5

func (s *spell) add(seconds, pages, bytes float64) {
	fades := math.Exp(-seconds / memorable)
	s.seconds = s.seconds*fades + seconds
	s.pages = s.pages*fades + pages
	s.bytes = s.bytes*fades + bytes
}

// Telling is how many pages must go in a turn to say what a page costs.
const Telling = 256

// Sent takes note of what went out in a turn; fresh says that its pages had never gone before.
func (p *Pace) Sent(busy time.Duration, pages uint64, bytes int64, fresh bool) {
	p.all.add(busy.Seconds(), float64(pages), float64(bytes))
	if pages < Telling {
		return
	}
	each := busy.Seconds() / float64(pages)
	if !fresh {
		p.again[p.turns%len(p.again)] = each
		p.turns++
		return
	}
	p.fresh.add(busy.Seconds(), float64(pages), float64(bytes))
	if p.least == 0 || each < p.least {
		p.least = each
	}
}

// Knows says whether pages went again, so that their cost was seen.
func (p *Pace) Knows() bool { return p.turns > 0 }

// first is the cost of a page that never went, in seconds; 0 where nobody knows.
func (p *Pace) first() float64 {
	if p.fresh.pages == 0 {
		return p.later()
	}
	return p.fresh.seconds / p.fresh.pages
}

// later is the cost of a page that goes again: that of the cheaper turns, since
// vCPUs stand in the way of the others, and never more than a page fault besides.
func (p *Pace) later() float64 {
	if !p.Knows() {
		return p.least
	}
	known := p.again
	last := known[:min(p.turns, len(known))]
	slices.Sort(last)
	each := last[len(last)/4]
	if p.fresh.pages > 0 {
		each = min(each, p.fresh.seconds/p.fresh.pages)
	}
	return each
}

// Takes is how long pages will take that go for the first time, that go again,
// and other bytes; ok is false where too little was sent to say.
func (p *Pace) Takes(fresh, again, other uint64) (d time.Duration, ok bool) {
	if p.least == 0 && !p.Knows() {
		return 0, false
	}
	seconds := p.first()*float64(fresh) + p.later()*float64(again) + p.all.seconds/p.all.bytes*float64(other)
	return time.Duration(seconds * float64(time.Second)), true
}
