package migration

import (
	"strings"

	"qmpmigrate/channels"
	"qmpmigrate/core/trace"
)

// points are the engine's trace events.
type points struct {
	state, failed, cancel, cleanup         *trace.Event
	transferred, pending                   *trace.Event
	setupDone, lowPending, afterLoop, stop *trace.Event
	syncStart, syncEnd                     *trace.Event
	throttled, throttleSet, throttleSync   *trace.Event
	postcopy, runs, continued              *trace.Event
	asked, bitmaps, bitmapsEnd             *trace.Event
	accepted, loaded                       *trace.Event
	checkpoint                             *trace.Event
	connected, refused, preempt            *trace.Event
	execOut, fileOut, fdOut                *trace.Event
	execIn, fileIn, fdIn                   *trace.Event
}

func newPoints(t *trace.Set) points {
	return points{
		state:        t.Event(trace.MigrateSetState),
		failed:       t.Event(trace.MigrateError),
		cancel:       t.Event(trace.MigrationCancel),
		cleanup:      t.Event(trace.MigrationCleanup),
		transferred:  t.Event(trace.MigrateTransferred),
		pending:      t.Event(trace.MigratePendingEstimate),
		setupDone:    t.Event(trace.MigrationThreadSetupComplete),
		lowPending:   t.Event(trace.MigrationThreadLowPending),
		afterLoop:    t.Event(trace.MigrationThreadAfterLoop),
		stop:         t.Event(trace.MigrationCompletionVMStop),
		syncStart:    t.Event(trace.MigrationBitmapSyncStart),
		syncEnd:      t.Event(trace.MigrationBitmapSyncEnd),
		throttled:    t.Event(trace.MigrationThrottle),
		throttleSet:  t.Event(trace.CPUThrottleSet),
		throttleSync: t.Event(trace.CPUThrottleDirtySync),
		postcopy:     t.Event(trace.PostcopyStart),
		runs:         t.Event(trace.PostcopyStartSetRun),
		continued:    t.Event(trace.PostcopyPauseContinued),
		asked:        t.Event(trace.MigrateHandleRPReqPages),
		bitmaps:      t.Event(trace.RAMDirtyBitmapSyncStart),
		bitmapsEnd:   t.Event(trace.RAMDirtyBitmapSyncComplete),
		accepted:     t.Event(trace.MigrationSocketAccepted),
		loaded:       t.Event(trace.ProcessIncomingMigrationEnd),
		checkpoint:   t.Event(trace.VmstateDowntimeCheckpoint),
		connected:    t.Event(trace.MigrationSocketConnected),
		refused:      t.Event(trace.MigrationSocketError),
		preempt:      t.Event(trace.PostcopyPreemptNewChannel),
		execOut:      t.Event(trace.MigrationExecOutgoing),
		fileOut:      t.Event(trace.MigrationFileOutgoing),
		fdOut:        t.Event(trace.MigrationFDOutgoing),
		execIn:       t.Event(trace.MigrationExecIncoming),
		fileIn:       t.Event(trace.MigrationFileIncoming),
		fdIn:         t.Event(trace.MigrationFDIncoming),
	}
}

// outgoing tells of what is opened to migrate to; sockets tell when they are connected.
func (p *points) outgoing(a channels.Address) { tellAddress(a, p.execOut, p.fileOut, p.fdOut) }

// incoming tells of what is opened to be migrated from; sockets tell when they accepted.
func (p *points) incoming(a channels.Address) { tellAddress(a, p.execIn, p.fileIn, p.fdIn) }

func tellAddress(a channels.Address, exec, file, fd *trace.Event) {
	switch {
	case a.Transport == channels.TransportExec:
		exec.Tell("cmd=%s", strings.Join(a.Exec.Args, " "))
	case a.Transport == channels.TransportFile:
		file.Tell("filename=%s", a.File.Path)
	case a.Type == channels.SocketFD:
		fd.Tell("fd=%s", a.FD.Name)
	}
}

// window tells of a measure of the bandwidth; max is what may be left at the switchover.
func (p *points) window(w *window, available, max uint64) {
	if p.transferred.On() {
		p.transferred.Tell("transferred %d time_spent %d bandwidth %d switchover_bw %d max_size %d",
			w.moved, windowLength.Milliseconds(), uint64(w.bandwidth), available/1000, max)
	}
}

// left tells how much is to be sent before an iteration.
func (p *points) left(precopy, postcopy uint64) {
	if p.pending.On() {
		p.pending.Tell("estimate pending size %d (pre = %d post=%d)", precopy+postcopy, precopy, postcopy)
	}
}
