package memtest

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// vcpu is a vCPU: all its registers are the number of visits it has made.
// While it runs, steps belongs to its goroutine.
type vcpu struct {
	steps uint64
}

// stint is one time of running, from Start to Stop.
type stint struct {
	stop     atomic.Bool
	wake     chan struct{} // closed together with stop: ends sleeps
	vcpus    sync.WaitGroup
	throttle *atomic.Uint32 // percent
}

// end makes the vCPUs stop and returns when all have.
func (s *stint) end() {
	s.stop.Store(true)
	close(s.wake)
	s.vcpus.Wait()
}

// throttleSlice is how long a throttled vCPU runs between two rests.
const throttleSlice = 10 * time.Millisecond

// stalled is how long a vCPU waits that could not make its visit.
const stalled = time.Millisecond

// run makes visits until the stint ends.
func (c *vcpu) run(w walker, rate uint64, s *stint) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	now := time.Now()
	pace, slice := newPacer(rate, now), now
	for !s.stop.Load() {
		now = time.Now()
		if rest := s.rest(now.Sub(slice)); rest > 0 {
			pace.earn(now)
			s.sleep(timer, rest)
			slice = time.Now()
			pace.skip(slice)
			continue
		}
		visits, wait := pace.grant(now)
		if !c.visit(w, visits, s) {
			wait = stalled
		}
		if wait > 0 {
			s.sleep(timer, wait)
		} else {
			// Whoever moves the guest wants to run too, and there may be
			// no more processors than vCPUs.
			runtime.Gosched()
		}
	}
}

// visit makes up to n visits, fewer when the stint ends. False means that a
// visit could not be made yet.
func (c *vcpu) visit(w walker, n int, s *stint) bool {
	for range n {
		if s.stop.Load() {
			return true
		}
		if !w.step() {
			return false
		}
		c.steps++
	}
	return true
}

// rest is how long a vCPU rests after it ran for so long: not yet, while its
// slice is not over.
func (s *stint) rest(ran time.Duration) time.Duration {
	percent := time.Duration(s.throttle.Load())
	if percent == 0 || ran < throttleSlice {
		return 0
	}
	return min(ran, 2*throttleSlice) * percent / (100 - percent)
}

func (s *stint) sleep(timer *time.Timer, d time.Duration) {
	timer.Reset(d)
	select {
	case <-timer.C:
	case <-s.wake:
	}
}
