package core

import (
	"time"

	"qmpmigrate/qapi"
)

// clock is how long a VM has run, as its guest would see it.
type clock struct {
	ran   time.Duration
	since time.Time // zero while it does not run
}

// turn says what state the VM is in from now on.
func (c *clock) turn(s qapi.RunState, now time.Time) {
	switch runs := live(s); {
	case runs && c.since.IsZero():
		c.since = now
	case !runs && !c.since.IsZero():
		c.ran, c.since = c.ran+now.Sub(c.since), time.Time{}
	}
}

func (c *clock) read(now time.Time) time.Duration {
	if c.since.IsZero() {
		return c.ran
	}
	return c.ran + now.Sub(c.since)
}

// vmClock is how long the VM has run. Callers hold mu.
func (m *Machine) vmClock() time.Duration {
	if g, ok := m.guest.(interface{ Clock() time.Duration }); ok {
		return g.Clock()
	}
	return m.clock.read(time.Now())
}
