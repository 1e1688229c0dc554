package qmp

import "sync"

// requestQueue holds the in-band requests of a session with out-of-band execution. The reader of the session puts
// them in and pauses while it is full; one goroutine runs them.
type requestQueue struct {
	mu      sync.Mutex
	changed sync.Cond
	waiting [queueLength]request // a ring: count of them, from first on
	first   int
	count   int
	closed  bool
	worker  sync.WaitGroup
}

func newRequestQueue(run func(request)) *requestQueue {
	q := &requestQueue{}
	q.changed.L = &q.mu
	q.worker.Go(func() {
		for {
			req, ok := q.take()
			if !ok {
				return
			}
			run(req)
		}
	})
	return q
}

// put adds a request. When that fills the queue, it returns only after one was taken out: what follows in the stream,
// also a request to be run at once, is not looked at before.
func (q *requestQueue) put(req request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	q.waiting[(q.first+q.count)%queueLength] = req
	q.count++
	q.changed.Broadcast()
	for q.count == queueLength && !q.closed {
		q.changed.Wait()
	}
}

func (q *requestQueue) take() (request, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.count == 0 && !q.closed {
		q.changed.Wait()
	}
	if q.count == 0 {
		return request{}, false
	}
	req := q.waiting[q.first]
	q.waiting[q.first] = request{}
	q.first = (q.first + 1) % queueLength
	q.count--
	q.changed.Broadcast()
	return req, true
}

// end closes the queue and waits for the request that runs; those that wait are run before if finish is set, and
// dropped otherwise.
func (q *requestQueue) end(finish bool) {
	q.mu.Lock()
	q.closed = true
	if !finish {
		clear(q.waiting[:])
		q.count = 0
	}
	q.changed.Broadcast()
	q.mu.Unlock()
	q.worker.Wait()
}

// startQueue lets in-band requests run beside the reader from now on.
func (s *session) startQueue() {
	s.queue = newRequestQueue(func(req request) { s.scratch = s.execute(s.scratch, &req) })
}
