package memtest

import (
	"sync/atomic"
	"time"
)

// vcpu is a vCPU: all its registers are the number of visits it has made.
// While it runs, steps belongs to the engine.
type vcpu struct {
	number int
	steps  uint64
	ring   *dirtyRing // of soft's; nil where there are none
}

// turn is the part that one vCPU has in one time of running.
type turn interface {
	// over says that the vCPU is to stop.
	over() bool
	// sleep waits for d, or until the turn is over.
	sleep(d time.Duration)
	// visit makes up to n visits, fewer when the turn is over or one cannot be
	// made now.
	visit(n int) outcome
	// yield lets others run between visits.
	yield()
}

// outcome says why there were no more visits.
type outcome int

const (
	done    outcome = iota // as many as asked for, or the turn is over
	stalled                // the next one could not be made yet
	limited                // the next one would dirty more than the vCPU may
)

// throttleSlice is how long a throttled vCPU runs between two rests.
const throttleSlice = 10 * time.Millisecond

// stallTime is how long a vCPU waits that could not make its visit.
const stallTime = time.Millisecond

// run makes visits until the turn is over, at rate bytes of pages per second,
// and rests for throttle percent of the time. ring is nil, or the dirty ring of
// the vCPU, which t asks before each visit.
func run(t turn, rate uint64, throttle *atomic.Uint32, ring *dirtyRing) {
	now := time.Now()
	pace, slice := newPacer(rate, now), now
	for !t.over() {
		now = time.Now()
		if d := rest(now.Sub(slice), throttle.Load()); d > 0 {
			pace.earn(now)
			t.sleep(d)
			slice = time.Now()
			pace.skip(slice)
			continue
		}
		visits, wait := pace.grant(now)
		ring.earn(now)
		switch t.visit(visits) {
		case stalled:
			wait = stallTime
		case limited:
			began := time.Now()
			t.sleep(tick)
			ring.held(time.Since(began))
			continue
		}
		if wait > 0 {
			t.sleep(wait)
		} else {
			t.yield()
		}
	}
}

// rest is how long a vCPU rests after it ran for so long: not yet, while its
// slice is not over.
func rest(ran time.Duration, percent uint32) time.Duration {
	if percent == 0 || ran < throttleSlice {
		return 0
	}
	return min(ran, 2*throttleSlice) * time.Duration(percent) / time.Duration(100-percent)
}
