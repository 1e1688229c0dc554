package migration

import (
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/migration/rate"
	"qmpmigrate/core/migration/sections"
	"qmpmigrate/core/trace"
)

// course is a precopy under way: turns of sending while the VM runs, in windows
// that measure how fast it goes.
type course struct {
	*outgoing
	s       *sending
	w       gauge
	turn    *sections.Turn
	window  rate.Window
	allowed uint64        // max-bandwidth, as of this turn
	fits    uint64        // bytes that go within the downtime limit; 0 before that is known
	look    time.Duration // what the last look at the log took
}

// precopy sends pages while the VM runs, until what is left fits into the
// downtime limit and the destination is ready.
func (o *outgoing) precopy(s *sending) error {
	c := &course{outgoing: o, s: s, w: gauge{s.w, &o.stats}}
	c.turn = sections.NewTurn(c.room)
	c.begin()
	for {
		if err := o.ended(); err != nil {
			return err
		}
		over, idle := c.over()
		if over {
			return nil
		}
		if err := c.send(); err != nil {
			return err
		}
		idle = idle && s.live.Sendable() == 0
		var err error
		if idle && c.window.Measured() {
			err = c.wait()
		} else {
			err = c.roll(idle)
		}
		if err != nil {
			return err
		}
	}
}

// room is how many bytes may go out now.
func (c *course) room() int64 { return c.window.Room(c.w.Offset(), c.allowed) }

// begin begins a window; what went out meanwhile is no measure of the bandwidth.
func (c *course) begin() {
	now := time.Now()
	c.window.Start(now, c.w.Offset(), c.sentPages())
	c.s.ask(c.replies, now)
}

// over says whether the VM may be stopped, or go on at its destination. idle:
// nothing that can be sent now brings that nearer.
func (c *course) over() (over, idle bool) {
	precopy, postcopy := c.s.live.Pending()
	if precopy+postcopy <= c.fits && !c.unsure() {
		began := time.Now()
		precopy, postcopy = c.sync(c.s.live)
		c.m.points.left(c.m.points.pendingExact, precopy, postcopy)
		c.look = time.Since(began)
		left := precopy + postcopy
		another := c.room() > 0 && c.curious(c.s)
		if left <= c.fits && c.maySwitch() && !another {
			c.expect(c.s, c.look)
			c.m.points.lowPending.Tell(trace.Uint("pending", left))
			return true, false
		}
		idle = !another && (left <= c.fits || c.s.live.Sendable() <= c.fits)
	}
	if precopy <= c.fits && c.mayPostcopy() {
		return true, false
	}
	c.m.points.left(c.m.points.pending, precopy, postcopy)
	return false, idle
}

// send is one turn of all sections.
func (c *course) send() error {
	c.allowed = c.m.settings.MaxBandwidth()
	c.m.points.iterate.Tell()
	began, pages, offset, fresh := time.Now(), c.sentPages(), c.w.Offset(), c.ram.Unreached() > 0
	if err := c.s.live.Iterate(c.s.Saver, false, c.turn); err != nil {
		return err
	}
	if err := c.w.Flush(); err != nil {
		return err
	}
	c.s.pace.Sent(time.Since(began), c.sentPages()-pages, c.w.Offset()-offset, fresh)
	c.expect(c.s, c.look)
	return nil
}

// wait lets the time go by in which only the destination can bring the switchover nearer.
func (c *course) wait() error {
	if err := c.await(); err != nil {
		return err
	}
	c.begin()
	c.fit()
	c.account(c.w.Offset())
	return nil
}

// roll ends the window that has had its time, which an idle source and one that
// has no room left wait for.
func (c *course) roll(idle bool) error {
	now := time.Now()
	if (idle || c.room() == 0) && !c.window.Over(now) {
		c.m.points.waits.Tell(trace.Int("ms", c.window.Left(now).Milliseconds()))
		select {
		case <-c.ctx.Done():
			return c.severed(c.s)
		case <-c.m.settings.Changed():
		case <-time.After(c.window.Left(now)):
		}
		c.m.points.waited.Tell(trace.Bool("urgent", false))
		now = time.Now()
	}
	c.account(c.w.Offset())
	if !c.window.Over(now) {
		return nil
	}
	c.window.Roll(now, c.w.Offset(), c.sentPages())
	c.fit()
	c.measured(&c.window)
	c.s.ask(c.replies, now)
	c.lookAgain(c.s, now)
	c.m.points.window(&c.window, c.m.settings.SwitchoverBandwidth(), c.fits)
	return nil
}

// fit asks anew how much goes within the downtime limit.
func (c *course) fit() {
	c.fits = c.window.Threshold(c.m.settings.SwitchoverBandwidth(), c.m.settings.DowntimeLimit())
}

// sync reads the dirty log and tells the pass that begins.
func (o *outgoing) sync(live sections.List) (precopy, postcopy uint64) {
	o.m.points.syncStart.Tell()
	precopy, postcopy = live.Sync(time.Now())
	o.harvest()
	o.m.points.syncEnd.Tell(trace.Uint("dirty_pages", o.stats.DirtiedBytes.Load()/memory.PageSize))
	o.converge(time.Now())
	o.m.passEvent(o.stats.Syncs.Load())
	return precopy, postcopy
}
