package memtest

import (
	"time"

	"qmpmigrate/core/memory"
)

// MaxDirtyRing is how many pages a dirty ring takes at most, as on Linux.
const MaxDirtyRing = 65536

// dirtyRing is a vCPU's: the pages that it dirtied since the ring was emptied. To
// put one more into it costs a token where the vCPU has a limit. Only the vCPU
// itself has it; nil is a machine without rings, whose vCPUs do not care.
type dirtyRing struct {
	controls *controls
	account  *account
	// in has the pages that are in any ring.
	in    *memory.Marks
	pages []uint64
	// harvest is the number of the one that emptied it last.
	harvest uint32

	limit  uint64  // pages per second that tokens were last earned for
	tokens float64 // pages that may be dirtied now
	last   time.Time
}

func newDirtyRing(size int, in *memory.Marks, c *controls, a *account) *dirtyRing {
	return &dirtyRing{controls: c, account: a, in: in, pages: make([]uint64, 0, size)}
}

// savings is for how long a vCPU may save tokens up: one that was kept from running
// by something else catches up, and over ten seconds dirties at most 5 % too much.
const savings = 500 * time.Millisecond

// earn adds the tokens that became due until now.
func (r *dirtyRing) earn(now time.Time) {
	if r == nil {
		return
	}
	limit := r.account.limit.Load()
	if limit != r.limit || !r.controls.counting.Load() {
		r.limit, r.tokens, r.last = limit, 0, now
		return
	}
	if limit == 0 {
		return
	}
	perSecond := float64(limit)
	most := max(1, perSecond*savings.Seconds())
	r.tokens = min(most, r.tokens+perSecond*now.Sub(r.last).Seconds())
	r.last = now
}

// admit is asked before page n is written: false means that it must not be now.
func (r *dirtyRing) admit(n uint64) bool {
	if !r.controls.counting.Load() {
		return true
	}
	if h := r.controls.harvests.Load(); h != r.harvest {
		r.empty()
		r.harvest = h
	}
	if r.in.Get(n) {
		return true
	}
	if r.limit != 0 {
		if r.tokens < 1 {
			return false
		}
		r.tokens--
	}
	if len(r.pages) == cap(r.pages) {
		r.empty()
	}
	r.in.Set(n, 1)
	r.pages = append(r.pages, n)
	r.account.dirtied.Add(1)
	return true
}

// held tells that the limit kept the vCPU waiting for so long.
func (r *dirtyRing) held(d time.Duration) { r.account.held.Add(int64(d)) }

func (r *dirtyRing) empty() {
	for _, n := range r.pages {
		r.in.Clear(n)
	}
	r.pages = r.pages[:0]
}
