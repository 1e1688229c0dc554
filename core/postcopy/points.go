package postcopy

import (
	"unsafe"

	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// points are the trace events of a Memory: what is thrown away, what comes and is put
// in its place, who begins to wait for a host page, and which page that somebody
// waits for is there.
type points struct {
	discard, enabled, request, resolve *trace.Event
	record, placed, placedZero         *trace.Event
}

// Trace makes m tell t. It comes before Listen.
func (m *Memory) Trace(t *trace.Set) {
	m.points = points{
		discard: t.Event(trace.RAMDiscardRange),
		enabled: t.Event(trace.PostcopyEnableNotify),
		request: t.Event(trace.PostcopyPageReqAdd),
		resolve: t.Event(trace.PostcopyPageReqDel),

		record:     t.Event(trace.RAMLoadPostcopyLoop),
		placed:     t.Event(trace.PostcopyPlacePage),
		placedZero: t.Event(trace.PostcopyPlacePageZero),
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

// comes tells of the record of a page.
func (p *points) comes(channel int, addr uint64, flags wire.RAMFlags) {
	if p.record.On() {
		p.record.Tell(trace.Int("channel", channel), trace.Uint("addr", addr), trace.Uint("flags", uint64(flags)))
	}
}

// places tells that a host page is put in its place by e.
func (b *block) places(e *trace.Event, page uint64) {
	if e.On() {
		e.Tell(trace.Uint("host_addr", b.address(page)))
	}
}

func (r *request) address() uintptr { return r.block.address(r.page) }

// address is where a host page is in this process: measurements pair events by it.
func (b *block) address(page uint64) uintptr {
	return uintptr(unsafe.Pointer(&b.Bytes()[page*b.host]))
}
