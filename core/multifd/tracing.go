package multifd

import "qmpmigrate/core/trace"

// senderPoints are the trace events of a Sender.
type senderPoints struct {
	start, end, failed, terminate *trace.Event
	signal, wait, synced          *trace.Event
}

func newSenderPoints(t *trace.Set) senderPoints {
	return senderPoints{
		start:     t.Event(trace.MultifdSendThreadStart),
		end:       t.Event(trace.MultifdSendThreadEnd),
		failed:    t.Event(trace.MultifdSendError),
		terminate: t.Event(trace.MultifdSendTerminate),
		signal:    t.Event(trace.MultifdSendSyncSignal),
		wait:      t.Event(trace.MultifdSendSyncWait),
		synced:    t.Event(trace.MultifdSendSyncMain),
	}
}

// receiverPoints are the trace events of a Receiver.
type receiverPoints struct {
	start, end, terminate *trace.Event
	signal, wait, synced  *trace.Event
	unfill                *trace.Event
}

func newReceiverPoints(t *trace.Set) receiverPoints {
	return receiverPoints{
		start:     t.Event(trace.MultifdRecvThreadStart),
		end:       t.Event(trace.MultifdRecvThreadEnd),
		terminate: t.Event(trace.MultifdRecvTerminate),
		signal:    t.Event(trace.MultifdRecvSyncSignal),
		wait:      t.Event(trace.MultifdRecvSyncWait),
		synced:    t.Event(trace.MultifdRecvSyncMain),
		unfill:    t.Event(trace.MultifdRecvUnfill),
	}
}
