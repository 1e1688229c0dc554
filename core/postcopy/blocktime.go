package postcopy

import (
	"sync"
	"time"
)

// Blocktime counts how long vCPUs waited for pages, in milliseconds as QEMU
// does. Its methods may be called from any goroutine.
type Blocktime struct {
	mu      sync.Mutex
	started time.Time
	cpus    []blocked
	down    int    // vCPUs that wait
	begin   uint32 // when the last of them began
	total   uint32
}

// blocked is what is known of a vCPU.
type blocked struct {
	block *block // nil: it does not wait
	page  uint64 // host page
	begin uint32
	total uint32
}

// NewBlocktime counts for so many vCPUs from now on.
func NewBlocktime(cpus int) *Blocktime {
	return &Blocktime{started: time.Now(), cpus: make([]blocked, cpus)}
}

// Result is how long all vCPUs waited at the same time, and how long each did.
func (t *Blocktime) Result() (all uint32, each []uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.cpus {
		each = append(each, t.cpus[i].total)
	}
	return t.total, each
}

func (t *Blocktime) now() uint32 { return uint32(max(time.Since(t.started).Milliseconds(), 1)) }

// waits says that a vCPU waits for a host page.
func (t *Blocktime) waits(cpu int, b *block, page uint64) {
	if t == nil || cpu < 0 || cpu >= len(t.cpus) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &t.cpus[cpu]
	if c.block == b && c.page == page {
		return // it was told to stop, and wants the page still
	}
	if c.block == nil {
		t.down++
	}
	t.begin = t.now()
	c.block, c.page, c.begin = b, page, t.begin
}

// came says that a host page was placed.
func (t *Blocktime) came(b *block, page uint64) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now, affected := t.now(), 0
	for i := range t.cpus {
		c := &t.cpus[i]
		if c.block != b || c.page != page {
			continue
		}
		c.block = nil
		c.total += now - c.begin
		affected++
	}
	if affected > 0 && t.down == len(t.cpus) {
		t.total += now - t.begin
	}
	t.down -= affected
}
