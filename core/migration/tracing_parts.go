package migration

import "qmpmigrate/core/trace"

// replyPoints are the events about the return path at a source.
type replyPoints struct {
	open, opened, closes, closed        *trace.Event
	entry, top, pong, shut, ack, resume *trace.Event
	badEnd, end                         *trace.Event
}

func newReplyPoints(t *trace.Set) replyPoints {
	return replyPoints{
		open:   t.Event(trace.OpenReturnPath),
		opened: t.Event(trace.OpenReturnPathContinue),
		closes: t.Event(trace.ReturnPathEndBefore),
		closed: t.Event(trace.ReturnPathEndAfter),
		entry:  t.Event(trace.ReturnPathEntry),
		top:    t.Event(trace.ReturnPathLoopTop),
		pong:   t.Event(trace.ReturnPathPong),
		shut:   t.Event(trace.ReturnPathShut),
		ack:    t.Event(trace.ReturnPathSwitchoverAcked),
		resume: t.Event(trace.ReturnPathResumeAck),
		badEnd: t.Event(trace.ReturnPathBadEnd),
		end:    t.Event(trace.ReturnPathEnd),
	}
}

// ended tells that nothing more is read, and whether that is no good end.
func (p *replyPoints) ended(err error) {
	if err != nil {
		p.badEnd.Tell()
	}
	p.end.Tell()
}

// arrivalPoints are the events about what the stream commands at a destination.
type arrivalPoints struct {
	advise, listen, run, resume, bitmap *trace.Event
	discard, discardHead, discardEnd    *trace.Event
	begin, end, pause, continued        *trace.Event
}

func newArrivalPoints(t *trace.Set) arrivalPoints {
	return arrivalPoints{
		advise:      t.Event(trace.LoadvmPostcopyAdvise),
		listen:      t.Event(trace.LoadvmPostcopyListen),
		run:         t.Event(trace.LoadvmPostcopyRun),
		resume:      t.Event(trace.LoadvmPostcopyResume),
		bitmap:      t.Event(trace.LoadvmRecvBitmap),
		discard:     t.Event(trace.LoadvmPostcopyDiscard),
		discardHead: t.Event(trace.LoadvmPostcopyDiscardHeader),
		discardEnd:  t.Event(trace.LoadvmPostcopyDiscardEnd),
		begin:       t.Event(trace.PostcopyListenStart),
		end:         t.Event(trace.PostcopyListenExit),
		pause:       t.Event(trace.PostcopyPauseIncoming),
		continued:   t.Event(trace.PostcopyPauseIncomingContinued),
	}
}
