package dirtybitmap

import (
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// saverTrace are a Saver's trace events.
type saverTrace struct{ header, bits, part, end, ended, pending *trace.Event }

// TraceTo lets s tell of what it sends. It comes before Start.
func (s *Saver) TraceTo(t *trace.Set) {
	s.trace = saverTrace{
		header:  t.Event(trace.SendBitmapHeader),
		bits:    t.Event(trace.SendBitmapBits),
		part:    t.Event(trace.DirtyBitmapSaveIterate),
		end:     t.Event(trace.DirtyBitmapCompleteEnter),
		ended:   t.Event(trace.DirtyBitmapCompleteFinish),
		pending: t.Event(trace.DirtyBitmapStatePending),
	}
}

// sends tells of bits that go out, so many words of them.
func (t *saverTrace) sends(kind wire.DirtyFlags, sector uint64, sectors uint32, words int) {
	if !t.bits.On() {
		return
	}
	size := 0
	if kind&wire.DirtyZeroes == 0 {
		size = (words*8 + wire.DirtyPad - 1) / wire.DirtyPad * wire.DirtyPad
	}
	t.bits.Tell(trace.Uint("flags", uint64(kind)), trace.Uint("start_sector", sector), trace.Uint("nr_sectors", sectors),
		trace.Int("data_size", size))
}

// loaderTrace are a Loader's trace events.
type loaderTrace struct{ enter, header, bits, zeros, complete, success *trace.Event }

// TraceTo lets l tell of what comes. It comes before Load.
func (l *Loader) TraceTo(t *trace.Set) {
	l.trace = loaderTrace{
		enter:    t.Event(trace.DirtyBitmapLoadEnter),
		header:   t.Event(trace.DirtyBitmapLoadHeader),
		bits:     t.Event(trace.DirtyBitmapLoadBits),
		zeros:    t.Event(trace.DirtyBitmapLoadZeroes),
		complete: t.Event(trace.DirtyBitmapLoadComplete),
		success:  t.Event(trace.DirtyBitmapLoadSuccess),
	}
}

// comes tells of bits that came.
func (t *loaderTrace) comes(c *chunk) {
	t.bits.Tell(trace.Uint("first_sector", c.sector), trace.Uint("nr_sectors", c.sectors))
	if c.kind&wire.DirtyZeroes != 0 {
		t.zeros.Tell()
	}
}
