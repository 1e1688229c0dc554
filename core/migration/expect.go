package migration

import (
	"time"

	"qmpmigrate/core/memory"
)

// pace is what sending costs, by what was sent lately: the time that was spent
// with it, without that in which the bandwidth limit let nothing go. Of the last
// two windows the cheaper one counts, as no vCPU is in the way once the VM stands.
type pace struct {
	now, before spell
}

// spell is what went out in some time.
type spell struct {
	seconds, pages, bytes float64
}

// sent takes note of what went out.
func (p *pace) sent(busy time.Duration, pages uint64, bytes int64) {
	p.now.seconds += busy.Seconds()
	p.now.pages += float64(pages)
	p.now.bytes += float64(bytes)
}

// roll begins a window. One in which too little went out says nothing.
func (p *pace) roll() {
	if p.now.tells() {
		p.before, p.now = p.now, spell{}
	}
}

func (s *spell) tells() bool { return s.bytes >= enoughToExpect && s.pages > 0 }

func (s *spell) takes(pages, other uint64) float64 {
	return s.seconds/s.pages*float64(pages) + s.seconds/s.bytes*float64(other)
}

// takes is how long pages and other bytes will take; ok is false where too
// little was sent to say.
func (p *pace) takes(pages, other uint64) (d time.Duration, ok bool) {
	var least float64
	for _, s := range []*spell{&p.before, &p.now} {
		if !s.tells() {
			continue
		}
		if t := s.takes(pages, other); !ok || t < least {
			least, ok = t, true
		}
	}
	return time.Duration(least * float64(time.Second)), ok
}

// expect tells how long the downtime were, were the VM stopped now: what is
// dirty, known to the mover or not yet, the last look at the log, and what the
// destination takes.
func (o *outgoing) expect(s *sending, look time.Duration) {
	precopy, postcopy := s.live.Pending()
	ram := o.ram.Pending()
	pages := (ram + o.ram.Unsynced()) / memory.PageSize
	d, ok := s.pace.takes(pages, precopy+postcopy-ram)
	if !ok {
		return
	}
	d += look + o.replies.rest()
	o.mu.Lock()
	o.progress.expected = d
	o.mu.Unlock()
}
