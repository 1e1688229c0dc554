package migration

import "time"

// throttling is what its user says about slowing the guest down, in percent.
type throttling struct {
	initial, increment, most uint64
	// trigger is how much may be written, as a part of what goes out.
	trigger  uint64
	tailslow bool
}

// throttle decides how much of its time the guest rests so that its migration
// comes to an end (auto-converge). The rules are QEMU's; clock and counters are
// the caller's.
type throttle struct {
	percent uint64 // 0: the guest is left alone

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

func (t *throttle) start(now time.Time) { *t = throttle{began: now, ticked: now} }

// synced is told after each look at the log what was dirtied and what went out
// since the start. It says whether the guest is to rest more, or less, from now on.
func (t *throttle) synced(now time.Time, dirtied, moved uint64, p throttling) bool {
	wrote, bound, high := t.excess(now, dirtied, moved, p.trigger)
	if high {
		t.percent = min(max(t.next(wrote, bound, p), leastRest), mostRest)
	}
	return high
}

// excess is told what synced is told. It says, in every second period in which
// more was written than the trigger allows, how much that was and would have been.
func (t *throttle) excess(now time.Time, dirtied, moved, trigger uint64) (wrote, bound uint64, high bool) {
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
func (t *throttle) next(wrote, bound uint64, p throttling) uint64 {
	if t.percent == 0 {
		return p.initial
	}
	more := p.increment
	if p.tailslow {
		// What the guest may run, were its writes to keep to the bound.
		runs := 100 - t.percent
		may := uint64(float64(runs) * (float64(bound) / float64(wrote)))
		more = min(runs-may, more)
	}
	return min(t.percent+more, p.most)
}

// due says, when it is asked often enough, whether the log is to be read although
// the pass is not over; passes is how often it was read.
func (t *throttle) due(now time.Time, passes uint64) bool {
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
