// Package dirtyring looks after the dirty rings of a guest's vCPUs: when they are
// in use, what they tell, and how fast each vCPU may dirty memory.
package dirtyring

import (
	"context"
	"sync"
	"time"

	"qmpmigrate/core/guest"
)

// Rings are the dirty rings of one machine. All methods may be called from any
// goroutine.
type Rings struct {
	vcpus  guest.DirtyRings
	period func() time.Duration

	// work is the goroutine that empties the rings while they are in use.
	work sync.WaitGroup

	mu     sync.Mutex
	closed bool
	users  int
	stop   context.CancelFunc // ends the goroutine
	// own are the limits that were set for each vCPU, in MiB per second, 0 for
	// none; ruled is one for all of them, which comes before those.
	own     []uint64
	ruled   uint64
	limited bool // there is any limit, which is a use of the rings
	latest  []sight
	looked  time.Time
}

// New looks after the rings of vcpus. period is asked again and again for how
// long to wait between two looks at them.
func New(vcpus guest.DirtyRings, period func() time.Duration) *Rings {
	return &Rings{vcpus: vcpus, period: period, own: make([]uint64, vcpus.VCPUs()), latest: make([]sight, vcpus.VCPUs())}
}

// VCPUs is how many there are.
func (r *Rings) VCPUs() int { return len(r.own) }

// Watch makes the vCPUs use their rings until done, which may be called once.
func (r *Rings) Watch() (done func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begin()
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.end()
	}
}

// begin is one more user. Callers hold mu.
func (r *Rings) begin() {
	if r.users++; r.users > 1 || r.closed {
		return
	}
	r.vcpus.Count(true)
	r.start(time.Now())
	var ctx context.Context
	ctx, r.stop = context.WithCancel(context.Background())
	r.work.Go(func() { r.look(ctx) })
}

// end is one user less. Callers hold mu.
func (r *Rings) end() {
	if r.users--; r.users == 0 && !r.closed {
		r.vcpus.Count(false)
		r.stop()
	}
}

// look empties the rings from time to time, as a page that stays in one could be
// written without being counted.
func (r *Rings) look(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(r.period()):
		}
		r.mu.Lock()
		if ctx.Err() == nil {
			r.vcpus.Harvest()
			r.measure(time.Now())
		}
		r.mu.Unlock()
	}
}

// Harvest empties the rings: pages that are written from now on count again.
func (r *Rings) Harvest() { r.vcpus.Harvest() }

// Dirtied is how many pages each vCPU has dirtied while the rings were in use.
func (r *Rings) Dirtied() []uint64 {
	pages := make([]uint64, len(r.own))
	for i := range pages {
		pages[i], _ = r.vcpus.Dirtied(i)
	}
	return pages
}

// Close ends all use of the rings. It comes before the guest's Close.
func (r *Rings) Close() {
	r.mu.Lock()
	if !r.closed && r.users > 0 {
		r.vcpus.Count(false)
		r.stop()
	}
	r.closed = true
	r.mu.Unlock()
	r.work.Wait()
}
