package postcopy

import "sync"

// Source is who is asked for pages. An error means that it cannot be asked any
// more.
type Source interface {
	// Request asks for length bytes of a block from start on: a host page.
	// Without a name it is the block of the request before.
	Request(block string, start uint64, length uint32) error
}

// ask puts a request into the queue. mu is held.
func (m *Memory) ask(r *request) {
	if m.source == nil {
		return
	}
	m.queue = append(m.queue, r)
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Connect makes source the one that is asked, also for all that was asked for
// before and did not come; nil is nobody, until the next Connect.
func (m *Memory) Connect(source Source) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.source, m.queue = source, nil
	for _, b := range m.blocks {
		for _, r := range b.requests {
			m.ask(r)
		}
	}
}

// serve sends the requests, so that nobody who wants a page, and can be told to
// stop wanting it, has to wait for a source that does not take them.
func (m *Memory) serve() {
	for {
		select {
		case <-m.wake:
		case <-m.closed:
			return
		}
		for {
			source, r := m.next()
			if r == nil {
				break
			}
			m.request(source, r)
		}
	}
}

// asker sends one request after the other.
type asker struct {
	mu   sync.Mutex
	to   Source
	last *block // of the request before
}

// request asks a source for a page, in the goroutine that calls it.
func (m *Memory) request(source Source, r *request) {
	a := &m.asker
	a.mu.Lock()
	defer a.mu.Unlock()
	if source != a.to {
		a.to, a.last = source, nil
	}
	name := ""
	if r.block != a.last {
		name, a.last = r.block.Name(), r.block
	}
	if source.Request(name, r.page*r.block.host, uint32(r.block.host)) != nil {
		m.lost(source)
	}
}

// next takes a request from the queue whose page did not come meanwhile.
func (m *Memory) next() (Source, *request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.queue) > 0 {
		r := m.queue[0]
		m.queue = m.queue[1:]
		if r.block.absent.Get(r.page) {
			return m.source, r
		}
	}
	m.queue = nil
	return nil, nil
}

// lost forgets a source that cannot be asked any more.
func (m *Memory) lost(source Source) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.source == source {
		m.source, m.queue = nil, nil
	}
}
