package answers

import "qmpmigrate/core/trace"

// points are the events about a destination's end of the return path.
type points struct {
	sends, sendsBitmap, ping      *trace.Event
	setup, cleanup, owed, approve *trace.Event
}

func newPoints(t *trace.Set) points {
	return points{
		sends:       t.Event(trace.MigrateSendRPMessage),
		sendsBitmap: t.Event(trace.MigrateSendRPRecvBitmap),
		ping:        t.Event(trace.LoadvmProcessPing),
		setup:       t.Event(trace.LoadvmStateSetup),
		cleanup:     t.Event(trace.LoadvmStateCleanup),
		owed:        t.Event(trace.LoadvmSwitchoverAckNeeded),
		approve:     t.Event(trace.LoadvmApproveSwitchover),
	}
}
