package rate

import "time"

// Rules are what the user says about slowing the guest down, in percent.
type Rules struct {
	// Initial is the first rest, Increment how much more the guest rests each
	// time, Most the longest rest.
	Initial, Increment, Most uint64
	// Trigger is how much may be written, as a part of what goes out.
	Trigger uint64
	// Tailslow: the guest rests no more than it takes.
	Tailslow bool
}

// Throttle decides how much of its time the guest rests so that its migration
// comes to an end (auto-converge). The rules are QEMU's; clock and counters are
// the caller's.
type Throttle struct {
	Percent uint64 // 0: the guest is left alone

	began          time.Time // of the period
	dirtied, moved uint64    // totals when it began, in bytes
	high           int       // periods in which too much was written

	ticked time.Time // when it was last looked whether there are passes
	passes uint64    // how many there were then
}

const (
	// throttlePeriod is the least time between two decisions.
	throttlePeriod = time.Second
	// passPeriod is how long a pass may take before the log is read in the
	// middle of it. The first pass is as long as it is: nothing was sent twice.
	passPeriod = 5 * time.Second
	leastRest  = 1
	mostRest   = 99
)

// Start begins anew: the guest is left alone.
func (t *Throttle) Start(now time.Time) { *t = Throttle{began: now, ticked: now} }

// Synced is told after each look at the log what was dirtied and what went out
// since the start. It says whether the guest is to rest more, or less, from now on.
func (t *Throttle) Synced(now time.Time, dirtied, moved uint64, p Rules) bool {
	wrote, bound, high := t.Excess(now, dirtied, moved, p.Trigger)
	if high {
		t.Percent = min(max(t.next(wrote, bound, p), leastRest), mostRest)
	}
	return high
}

// Excess is told what Synced is told. It says, in every second period in which
// more was written than the trigger allows, how much that was and would have been.
func (t *Throttle) Excess(now time.Time, dirtied, moved, trigger uint64) (wrote, bound uint64, high bool) {
	if now.Sub(t.began) <= throttlePeriod {
		return 0, 0, false
	}
	wrote, bound = dirtied-t.dirtied, (moved-t.moved)*trigger/100
	t.began, t.dirtied, t.moved = now, dirtied, moved
	if wrote <= bound {
		return wrote, bound, false
	}
	if t.high++; t.high < 2 {
		return wrote, bound, false
	}
	t.high = 0
	return wrote, bound, true
}

// next is the percentage after one more period in which more was written than
// the bound allows.
func (t *Throttle) next(wrote, bound uint64, p Rules) uint64 {
	if t.Percent == 0 {
		return p.Initial
	}
	more := p.Increment
	if p.Tailslow {
		// What the guest may run, were its writes to keep to the bound.
		runs := 100 - t.Percent
		may := uint64(float64(runs) * (float64(bound) / float64(wrote)))
		more = min(runs-may, more)
	}
	return min(t.Percent+more, p.Most)
}

// Due says, when it is asked often enough, whether the log is to be read although
// the pass is not over; passes is how often it was read.
func (t *Throttle) Due(now time.Time, passes uint64) bool {
	if now.Sub(t.ticked) < passPeriod {
		return false
	}
	stands := passes > 1 && passes == t.passes
	t.ticked, t.passes = now, passes
	if stands {
		t.passes++
	}
	return stands
}
