package migration

import (
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/migration/rate"
)

// surely is how many bytes per second of pages that never went will go, whatever
// their page faults cost the destination.
const surely = 256 << 20

// unsure says that so much never went that nobody knows whether it keeps to the
// downtime limit: the bandwidth so far may be that of memory that was at hand.
// A user who promises one has thought of that.
func (o *outgoing) unsure() bool {
	may := o.m.settings.DowntimeLimit().Seconds() * surely
	return o.m.settings.SwitchoverBandwidth() == 0 && float64(o.ram.Unreached()) > may
}

// curious says, once, that pages are to go again of which nobody knows yet what
// they cost. One more turn tells, and they take no more time while the VM runs.
func (o *outgoing) curious(s *sending) bool {
	if s.wondered || s.pace.Knows() || o.ram.Unreached() > 0 || o.ram.Pending() < rate.Telling*memory.PageSize {
		return false
	}
	s.wondered = true
	return true
}

// expect tells how long the downtime were, were the VM stopped now: what is
// dirty, known to the mover or not yet, the last look at the log, and what the
// destination takes.
func (o *outgoing) expect(s *sending, look time.Duration) {
	precopy, postcopy := s.live.Pending()
	ram, fresh := o.ram.Pending(), o.ram.Unreached()
	again := ram + o.ram.Unsynced() - fresh
	d, ok := s.pace.Takes(fresh/memory.PageSize, again/memory.PageSize, precopy+postcopy-ram)
	if !ok {
		return
	}
	d += look + o.replies.rest()
	o.mu.Lock()
	o.progress.expected = d
	o.mu.Unlock()
}
