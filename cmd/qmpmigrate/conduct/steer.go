package conduct

import (
	"strings"
	"time"
)

const (
	statusActive     = "active"
	statusSwitchover = "pre-switchover"
	statusPaused     = "postcopy-paused"
	postcopyStatuses = "postcopy-" // all statuses of postcopy begin so
)

// committed: the guest may run at the destination already. QEMU before 8 would
// obey a migrate_cancel even then, and the guest would be lost.
func (c *conductor) committed() bool {
	return c.switched || strings.HasPrefix(c.source.status, postcopyStatuses)
}

// steer gives a migration under way what it waits for.
func (c *conductor) steer(now time.Time) {
	if c.reason != nil {
		return
	}
	switch c.source.status {
	case statusActive:
		if c.active.IsZero() {
			c.active = now
		}
		if c.Postcopy == nil || c.switched || !c.Postcopy.due(c.progress.Passes, now.Sub(c.active)) {
			return
		}
		if err := c.Source.Execute(c.calls, "migrate-start-postcopy", nil, nil); err != nil {
			c.giveUp(err)
			return
		}
		c.switched = true
	case statusSwitchover:
		if !c.continued {
			// With pause-before-switchover it waits for this. A refusal means
			// that it does not wait any more.
			c.continued = true
			args := map[string]any{"state": statusSwitchover}
			_ = c.Source.Execute(c.calls, "migrate-continue", args, nil)
		}
	}
}

func (p *Postcopy) due(passes int64, active time.Duration) bool {
	if p.Pass > 0 {
		return passes >= p.Pass
	}
	return active >= p.After
}
