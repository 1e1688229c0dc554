package memtest

import (
	"time"

	"qmpmigrate/core/memory"
)

const (
	// burst is how many visits are granted at once. A vCPU looks at the clock
	// between bursts, and at the wish to stop between visits.
	burst = 256
	// tick is the shortest sleep: the system's timers are hardly finer, and
	// 250 wake-ups a second cost next to nothing.
	tick = 4 * time.Millisecond
	// backlog is how long a vCPU that was kept from running catches up.
	backlog = 100 * time.Millisecond
)

// pacer holds one vCPU to its rate. The clock is an argument.
type pacer struct {
	perSecond float64 // visits; 0 is no bound
	credit    float64 // visits that are due
	last      time.Time
}

// newPacer makes a pacer for rate bytes of pages per second, 0 for no bound.
func newPacer(rate uint64, now time.Time) pacer {
	return pacer{perSecond: float64(rate) / memory.PageSize, last: now}
}

// earn adds what became due until now.
func (p *pacer) earn(now time.Time) {
	limit := max(1, p.perSecond*backlog.Seconds())
	p.credit = min(limit, p.credit+p.perSecond*now.Sub(p.last).Seconds())
	p.last = now
}

// skip makes the time until now earn nothing.
func (p *pacer) skip(now time.Time) { p.last = now }

// grant gives a number of visits to make now, or how long to sleep before
// asking again.
func (p *pacer) grant(now time.Time) (visits int, sleep time.Duration) {
	if p.perSecond == 0 {
		return burst, 0
	}
	p.earn(now)
	if p.credit < 1 {
		missing := time.Duration((1 - p.credit) / p.perSecond * float64(time.Second))
		return 0, max(tick, missing)
	}
	visits = int(min(p.credit, burst))
	p.credit -= float64(visits)
	return visits, 0
}
