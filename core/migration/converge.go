package migration

import (
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// converges says whether the guest may be slowed down, so that its migration
// comes to an end.
func (o *outgoing) converges() bool {
	return o.m.settings.Enabled(qapi.MigrationCapabilityAutoConverge) || o.m.limitsDirtying()
}

// converge slows the guest down where it writes faster than its memory goes out.
// It is called after each look at the log.
func (o *outgoing) converge(now time.Time) {
	if !o.converges() || o.blocks != nil && o.blocks.Bulk() {
		return
	}
	o.mu.Lock()
	moved := uint64(o.progress.transferred)
	o.mu.Unlock()
	if o.m.limitsDirtying() {
		o.limit(now, o.stats.Dirtied.Load()*memory.PageSize, moved)
		return
	}
	if !o.throttle.Synced(now, o.stats.Dirtied.Load()*memory.PageSize, moved, o.m.settings.Throttling()) {
		return
	}
	o.m.points.throttled.Tell()
	o.rest(int(o.throttle.Percent))
}

// lookAgain reads the log in the middle of a pass that takes too long to tell
// whether the guest writes too fast.
func (o *outgoing) lookAgain(s *sending, now time.Time) {
	if o.converges() && o.throttle.Due(now, o.stats.Syncs.Load()) {
		o.m.points.throttleSync.Tell()
		o.sync(s.live)
	}
}

// rest makes the guest rest for percent of its time.
func (o *outgoing) rest(percent int) {
	o.m.points.throttleSet.Tell(trace.Int("new_throttle_pct", percent))
	guest.Throttle(o.m.host.Guest(), percent)
	o.mu.Lock()
	o.progress.throttle = percent
	o.mu.Unlock()
}

// unthrottle lets the guest run as it likes again, however the migration ended.
func (o *outgoing) unthrottle() {
	o.unlimit()
	if o.throttle.Percent == 0 {
		return
	}
	o.throttle.Percent = 0
	guest.Throttle(o.m.host.Guest(), 0)
	o.mu.Lock()
	o.progress.throttle = 0
	o.mu.Unlock()
}
