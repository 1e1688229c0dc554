package ram

import (
	"unsafe"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// saverTrace are a Saver's trace events.
type saverTrace struct {
	page                       *trace.Event
	cache, skips, overflows    *trace.Event
	discards, discard, dropped *trace.Event
	queued, urgent             *trace.Event
	served, sentBefore         *trace.Event
}

// TraceTo lets s tell of what it sends. It comes before Start.
func (s *Saver) TraceTo(t *trace.Set) {
	s.trace = saverTrace{
		page:       t.Event(trace.RAMSavePage),
		cache:      t.Event(trace.PagecacheInit),
		skips:      t.Event(trace.SaveXBZRLESkipping),
		overflows:  t.Event(trace.SaveXBZRLEOverflow),
		discards:   t.Event(trace.PostcopySendDiscardBitmap),
		discard:    t.Event(trace.PostcopyDiscardSendRange),
		dropped:    t.Event(trace.PostcopyDiscardSendFinish),
		queued:     t.Event(trace.SaveQueuePages),
		urgent:     t.Event(trace.PreemptSendHostPage),
		served:     t.Event(trace.GetQueuedPage),
		sentBefore: t.Event(trace.GetQueuedPageNotDirty),
	}
}

// full tells that page p of b goes in full, or as what differs: zeros do not count.
func (t *saverTrace) full(b *outBlock, p uint64) {
	t.page.Tell(trace.Str("rbname", b.Name()), trace.Uint("offset", p*memory.PageSize), trace.Uint("host", host(b.Block, p)))
}

// wanted tells of a page that was asked for, and whether it is due.
func (t *saverTrace) wanted(b *outBlock, p uint64, due bool) {
	e := t.sentBefore
	if due {
		e = t.served
	}
	if e.On() {
		e.Tell(trace.Str("block_name", b.Name()), trace.Uint("tmp_offset", p*memory.PageSize), trace.Uint("page_abs", p))
	}
}

// loaderTrace are a Loader's trace events.
type loaderTrace struct{ start, record, complete *trace.Event }

// TraceTo lets l tell of what comes. It comes before Load.
func (l *Loader) TraceTo(t *trace.Set) {
	l.trace = loaderTrace{
		start:    t.Event(trace.RAMLoadStart),
		record:   t.Event(trace.RAMLoadLoop),
		complete: t.Event(trace.RAMLoadComplete),
	}
}

// page tells of the record of a page.
func (t *loaderTrace) page(b *memory.Block, addr uint64, flags wire.RAMFlags) {
	if t.record.On() {
		t.record.Tell(trace.Str("rbname", b.Name()), trace.Uint("addr", addr), trace.Uint("flags", uint64(flags)),
			trace.Uint("host", host(b, addr/memory.PageSize)))
	}
}

// loaded tells of the end of a body, the bodies counted.
func (t *loaderTrace) loaded(err error, bodies uint64) {
	ret := 0
	if err != nil {
		ret = -1
	}
	t.complete.Tell(trace.Int("ret", ret), trace.Uint("seq_iter", bodies))
}

// host is where a page is in this process: measurements pair events by it.
func host(b *memory.Block, page uint64) uintptr {
	return uintptr(unsafe.Pointer(&b.Bytes()[page*memory.PageSize]))
}
