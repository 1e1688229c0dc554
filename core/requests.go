package core

import "sync"

// requests are what the guest, or what runs it, asks of the machine by itself.
// They are carried out in goroutines of their own, because whoever asks may be
// waited for by whoever holds the machine.
type requests struct {
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

// Go carries a request out, unless the machine is being closed.
func (r *requests) Go(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.wg.Go(do)
	}
}

// close returns when none is being carried out, and none will be.
func (r *requests) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.wg.Wait()
}
