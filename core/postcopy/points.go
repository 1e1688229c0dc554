package postcopy

import "qmpmigrate/core/trace"

// points are the trace events of a Memory: somebody begins to wait for a host
// page, and a page that somebody waits for is in its place.
type points struct{ request, resolve *trace.Event }

// Trace makes m tell t. It comes before Listen.
func (m *Memory) Trace(t *trace.Set) {
	m.points = points{t.Event(trace.PostcopyPageReqAdd), t.Event(trace.PostcopyPageReqDel)}
}

// total is how many requests there are, with r.
func (p *points) requested(r *request, total int64) {
	if p.request.On() {
		p.request.Tell("new page req %p total %d", &r.block.Bytes()[r.page*r.block.host], total)
	}
}

// total is how many requests are left.
func (p *points) resolved(r *request, total int64) {
	if p.resolve.On() {
		p.resolve.Tell("resolved page req %p total %d", &r.block.Bytes()[r.page*r.block.host], total)
	}
}
