package postcopy

import (
	"qmpmigrate/core/memory"
)

// request is that for one host page.
type request struct {
	block *block
	page  uint64        // host page
	done  chan struct{} // closed when it was placed
}

// Wait is memory.Absence's. n is a target page.
func (b *block) Wait(n uint64, cpu int, stop <-chan struct{}) bool {
	host := n * memory.PageSize / b.host
	if !b.absent.Get(host) {
		return true
	}
	r, _ := b.request(host, cpu, true)
	if r == nil {
		return true
	}
	select {
	case <-r.done:
		return true
	case <-stop:
	case <-b.all.closed:
	}
	return false
}

// fault is what a guard tells: somebody waits for target page n. One that is
// not absent was always zero, so that nobody put it there, or has come by now.
func (b *block) fault(n uint64, cpu int) {
	host := n * memory.PageSize / b.host
	r, source := b.request(host, cpu, false)
	if source != nil {
		b.all.request(source, r)
	}
	if r != nil {
		return
	}
	pages := b.host / memory.PageSize
	// It fails only where nobody waits any more.
	_ = b.Guard().PlaceZero(host*pages, pages)
}

// request makes sure that a host page is asked for; nil means that it is there.
// What nobody has asked for yet goes into the queue; or, as that costs time, the
// caller gets the source, and asks. A page may come meanwhile: who counts first
// and then looks sees it, or is seen.
func (b *block) request(host uint64, cpu int, queue bool) (*request, Source) {
	m := b.all
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := b.requests[host]; r != nil {
		m.times.waits(cpu, b, host)
		return r, nil
	}
	m.waited.Add(1)
	if !b.absent.Get(host) {
		m.waited.Add(-1)
		return nil, nil
	}
	r := &request{block: b, page: host, done: make(chan struct{})}
	b.requests[host] = r
	m.times.waits(cpu, b, host)
	m.points.requested(r, m.waited.Load())
	if !queue {
		return r, m.source
	}
	m.ask(r)
	return r, nil
}

// arrived says that host pages were placed, and wakes who waits for them.
func (b *block) arrived(first, count uint64) {
	for host := first; host < first+count; host++ {
		b.absent.Clear(host)
	}
	m := b.all
	if m.waited.Load() == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for host := first; host < first+count; host++ {
		if r := b.requests[host]; r != nil {
			delete(b.requests, host)
			m.times.came(b, host)
			m.points.resolved(r, m.waited.Add(-1))
			close(r.done)
		}
	}
}
