package migration

import (
	"qmpmigrate/core/migration/rate"
	"qmpmigrate/core/trace"
)

// points are the engine's trace events.
type points struct {
	state, failed, cancel, cleanup                                   *trace.Event
	transferred, pending, pendingExact                               *trace.Event
	setupDone, lowPending, afterLoop, fileErr, stop                  *trace.Event
	iterate, over, syncStart, syncEnd                                *trace.Event
	throttled, throttleSet, throttleSync                             *trace.Event
	dirtyLimit                                                       *trace.Event
	waits, waited                                                    *trace.Event
	postcopy, runs, continued, postcopied, postcopiedAll             *trace.Event
	asked, bitmaps, bitmap, bitmapWait, bitmapsEnd, reload, reloaded *trace.Event
	accepted, loaded, loadedLate                                     *trace.Event
	checkpoint                                                       *trace.Event
	connected, refused, preempt, preemptEntry, preemptExit           *trace.Event
	channelIn, channelOut                                            *trace.Event
	replies                                                          replyPoints
	arrival                                                          arrivalPoints
	colo                                                             coloPoints
}

func newPoints(t *trace.Set) points {
	return points{
		state:         t.Event(trace.MigrateSetState),
		failed:        t.Event(trace.MigrateError),
		cancel:        t.Event(trace.MigrationCancel),
		cleanup:       t.Event(trace.MigrationCleanup),
		transferred:   t.Event(trace.MigrateTransferred),
		pending:       t.Event(trace.MigratePendingEstimate),
		pendingExact:  t.Event(trace.MigratePendingExact),
		setupDone:     t.Event(trace.MigrationThreadSetupComplete),
		lowPending:    t.Event(trace.MigrationThreadLowPending),
		afterLoop:     t.Event(trace.MigrationThreadAfterLoop),
		fileErr:       t.Event(trace.MigrationThreadFileErr),
		stop:          t.Event(trace.MigrationCompletionVMStop),
		iterate:       t.Event(trace.SavevmStateIterate),
		over:          t.Event(trace.SavevmStateCleanup),
		syncStart:     t.Event(trace.MigrationBitmapSyncStart),
		syncEnd:       t.Event(trace.MigrationBitmapSyncEnd),
		throttled:     t.Event(trace.MigrationThrottle),
		throttleSet:   t.Event(trace.CPUThrottleSet),
		throttleSync:  t.Event(trace.CPUThrottleDirtySync),
		dirtyLimit:    t.Event(trace.MigrationDirtyLimitGuest),
		waits:         t.Event(trace.MigrationRateLimitPre),
		waited:        t.Event(trace.MigrationRateLimitPost),
		postcopy:      t.Event(trace.PostcopyStart),
		runs:          t.Event(trace.PostcopyStartSetRun),
		continued:     t.Event(trace.PostcopyPauseContinued),
		postcopied:    t.Event(trace.MigrationCompletionPostcopyEnd),
		postcopiedAll: t.Event(trace.MigrationCompletionPostcopyEnded),
		asked:         t.Event(trace.MigrateHandleRPReqPages),
		bitmaps:       t.Event(trace.RAMDirtyBitmapSyncStart),
		bitmap:        t.Event(trace.RAMDirtyBitmapRequest),
		bitmapWait:    t.Event(trace.RAMDirtyBitmapSyncWait),
		bitmapsEnd:    t.Event(trace.RAMDirtyBitmapSyncComplete),
		reload:        t.Event(trace.RAMDirtyBitmapReloadBegin),
		reloaded:      t.Event(trace.RAMDirtyBitmapReloadComplete),
		accepted:      t.Event(trace.MigrationSocketAccepted),
		loaded:        t.Event(trace.ProcessIncomingMigrationEnd),
		loadedLate:    t.Event(trace.ProcessIncomingPostcopyEnd),
		checkpoint:    t.Event(trace.VmstateDowntimeCheckpoint),
		connected:     t.Event(trace.MigrationSocketConnected),
		refused:       t.Event(trace.MigrationSocketError),
		preempt:       t.Event(trace.PostcopyPreemptNewChannel),
		preemptEntry:  t.Event(trace.PostcopyPreemptEntry),
		preemptExit:   t.Event(trace.PostcopyPreemptExit),
		channelIn:     t.Event(trace.MigrationSetIncomingChannel),
		channelOut:    t.Event(trace.MigrationSetOutgoingChannel),
		replies:       newReplyPoints(t),
		arrival:       newArrivalPoints(t),
		colo:          newCOLOPoints(t),
	}
}

// through tells that a destination's stream was loaded, or the part of it up to the VM.
func (p *points) through(err error, s arrivalState) {
	ret := 0
	if err != nil {
		ret = -1
	}
	p.loaded.Tell(trace.Int("ret", ret), trace.Int("ps", s))
}

// window tells of a measure of the bandwidth; max is what may be left at the switchover.
func (p *points) window(w *rate.Window, available, max uint64) {
	p.transferred.Tell(trace.Int("transferred", w.Moved), trace.Int("time_spent", rate.WindowLength.Milliseconds()),
		trace.Uint("bandwidth", uint64(w.Bandwidth)), trace.Uint("avail_bw", available/1000), trace.Uint("size", max))
}

// left tells how much is to be sent before an iteration, or after a look at the VM.
func (p *points) left(e *trace.Event, precopy, postcopy uint64) {
	e.Tell(trace.Uint("size", precopy+postcopy), trace.Uint("pre", precopy), trace.Uint("post", postcopy))
}
