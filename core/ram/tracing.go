package ram

import "qmpmigrate/core/trace"

// saverTrace are a Saver's trace events.
type saverTrace struct {
	skips, overflows           *trace.Event
	discards, discard, dropped *trace.Event
	queued, urgent             *trace.Event
}

// TraceTo lets s tell of what it sends. It comes before Start.
func (s *Saver) TraceTo(t *trace.Set) {
	s.trace = saverTrace{
		skips:     t.Event(trace.SaveXBZRLESkipping),
		overflows: t.Event(trace.SaveXBZRLEOverflow),
		discards:  t.Event(trace.PostcopySendDiscardBitmap),
		discard:   t.Event(trace.PostcopyDiscardSendRange),
		dropped:   t.Event(trace.PostcopyDiscardSendFinish),
		queued:    t.Event(trace.SaveQueuePages),
		urgent:    t.Event(trace.PreemptSendHostPage),
	}
}
