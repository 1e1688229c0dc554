package memtest

import (
	"sync/atomic"
	"time"
)

// account is what a vCPU and those who watch it say to each other about the pages
// that it dirties. It may be in memory that two processes share.
type account struct {
	dirtied atomic.Uint64 // pages that went into the ring
	held    atomic.Int64  // nanoseconds for which the limit kept it from dirtying
	limit   atomic.Uint64 // pages per second; 0 is none
}

// rings are the dirty rings of a machine as the watchers see them.
type rings struct {
	machine *Machine
	size    int
}

func (r *rings) Size() int { return r.size }

func (r *rings) VCPUs() int { return len(r.machine.cpus) }

func (r *rings) Count(on bool) {
	r.look(func(c *controls, _ []*account) {
		c.harvests.Add(1)
		c.counting.Store(on)
	})
}

func (r *rings) Harvest() {
	r.look(func(c *controls, _ []*account) { c.harvests.Add(1) })
}

func (r *rings) Dirtied(vcpu int) (pages uint64, held time.Duration) {
	r.look(func(_ *controls, accounts []*account) {
		a := accounts[vcpu]
		pages, held = a.dirtied.Load(), time.Duration(a.held.Load())
	})
	return pages, held
}

func (r *rings) Limit(vcpu int, pages uint64) {
	r.look(func(_ *controls, accounts []*account) { accounts[vcpu].limit.Store(pages) })
}

// look looks at what the vCPUs share, as long as it is there.
func (r *rings) look(at func(c *controls, accounts []*account)) {
	m := r.machine
	m.watching.Lock()
	defer m.watching.Unlock()
	if m.accounts != nil {
		at(m.controls, m.accounts)
	}
}
