package soft

import (
	"sync"

	"qmpmigrate/core/rdma/verbs"
)

// queue keeps what is done until it is polled.
type queue struct {
	mu    sync.Mutex
	woken sync.Cond
	done  []verbs.Done
	err   error // why nothing more comes
}

func (q *queue) add(d verbs.Done) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.done = append(q.done, d)
	q.woken.Broadcast()
}

func (q *queue) end(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err == nil {
		q.err = err
	}
	q.woken.Broadcast()
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.done)
}

func (q *queue) broken() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.err
}

func (q *queue) poll() (d verbs.Done, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.done) == 0 {
		return d, false
	}
	d = q.done[0]
	q.done = q.done[:copy(q.done, q.done[1:])]
	return d, true
}

// wait gives the end only once all that came before is polled.
func (q *queue) wait() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.done) == 0 {
		if q.err != nil {
			return q.err
		}
		q.woken.Wait()
	}
	return nil
}
