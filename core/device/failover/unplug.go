package failover

import (
	"time"

	"qmpmigrate/qapi"
)

// Unplug asks the guest to let go of the primary, if it is there.
func (c *Card) Unplug() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.plugged {
		return
	}
	c.plugged, c.asked = false, true
	c.emit(&qapi.UnplugPrimaryEvent{DeviceID: c.conf.Primary})
	if c.conf.Release == 0 {
		return
	}
	gone := make(chan struct{})
	c.leaving = gone
	c.release = time.AfterFunc(c.conf.Release, func() { c.left(gone) })
}

// left is the guest that has let go of the primary, unless it has it back already.
func (c *Card) left(gone chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving == gone {
		c.leaving = nil
		close(gone)
	}
}

// Unplugging gives a channel that is closed when the guest has let go of the
// primary, or has it back; nil where it has nothing to let go of.
func (c *Card) Unplugging() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaving
}

// Replug gives the guest its primary back, after a migration that failed.
func (c *Card) Replug() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.asked {
		return
	}
	if c.leaving != nil {
		c.release.Stop()
		close(c.leaving)
		c.leaving = nil
	}
	c.plugged, c.asked = true, false
}
