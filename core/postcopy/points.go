package postcopy

import (
	"unsafe"

	"qmpmigrate/core/trace"
)

// points are the trace events of a Memory: what is thrown away, who begins to wait
// for a host page, and which page that somebody waits for is in its place.
type points struct{ discard, enabled, request, resolve *trace.Event }

// Trace makes m tell t. It comes before Listen.
func (m *Memory) Trace(t *trace.Set) {
	m.points = points{
		discard: t.Event(trace.RAMDiscardRange),
		enabled: t.Event(trace.PostcopyEnableNotify),
		request: t.Event(trace.PostcopyPageReqAdd),
		resolve: t.Event(trace.PostcopyPageReqDel),
	}
}

// requested tells of r; total is how many requests there are, with it.
func (p *points) requested(r *request, total int64) {
	if p.request.On() {
		p.request.Tell(trace.Uint("addr", r.address()), trace.Int("count", total))
	}
}

// resolved tells that r is done; total is how many requests are left.
func (p *points) resolved(r *request, total int64) {
	if p.resolve.On() {
		p.resolve.Tell(trace.Uint("addr", r.address()), trace.Int("count", total))
	}
}

// address is where the page is in this process: measurements pair events by it.
func (r *request) address() uintptr {
	return uintptr(unsafe.Pointer(&r.block.Bytes()[r.page*r.block.host]))
}
