package migration

import (
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/migration/rate"
	"qmpmigrate/core/migration/sections"
	"qmpmigrate/core/trace"
)

// precopy sends pages while the VM runs, until what is left fits into the
// downtime limit and the destination is ready.
func (o *outgoing) precopy(s *sending) error {
	w := gauge{s.w, &o.stats}
	var win rate.Window
	win.Start(time.Now(), w.Offset(), o.sentPages())
	s.ask(o.replies, time.Now())
	threshold := uint64(0)
	var limit uint64
	var look time.Duration // what the last look at the log took
	turn := sections.NewTurn(func() int64 { return win.Room(w.Offset(), limit) })
	for {
		if err := o.ended(); err != nil {
			return err
		}
		// idle: nothing that can be sent now brings the switchover nearer.
		idle := false
		precopy, postcopy := s.live.Pending()
		if precopy+postcopy <= threshold && !o.unsure() {
			began := time.Now()
			precopy, postcopy = o.sync(s.live)
			o.m.points.left(o.m.points.pendingExact, precopy, postcopy)
			look = time.Since(began)
			left := precopy + postcopy
			another := win.Room(w.Offset(), limit) > 0 && o.curious(s)
			if left <= threshold && o.maySwitch() && !another {
				o.expect(s, look)
				o.m.points.lowPending.Tell(trace.Uint("pending", left))
				return nil
			}
			idle = !another && (left <= threshold || s.live.Sendable() <= threshold)
		}
		if precopy <= threshold && o.mayPostcopy() {
			return nil
		}
		o.m.points.left(o.m.points.pending, precopy, postcopy)
		limit = o.m.settings.MaxBandwidth()
		o.m.points.iterate.Tell()
		began, pages, offset, fresh := time.Now(), o.sentPages(), w.Offset(), o.ram.Unreached() > 0
		if err := s.live.Iterate(s.Saver, false, turn); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		now := time.Now()
		s.pace.Sent(now.Sub(began), o.sentPages()-pages, w.Offset()-offset, fresh)
		o.expect(s, look)
		if idle = idle && s.live.Sendable() == 0; idle && win.Measured() {
			if err := o.await(); err != nil {
				return err
			}
			// What went out meanwhile is no measure of the bandwidth.
			win.Start(time.Now(), w.Offset(), o.sentPages())
			threshold = win.Threshold(o.m.settings.SwitchoverBandwidth(), o.m.settings.DowntimeLimit())
			s.ask(o.replies, time.Now())
			o.account(w.Offset())
			continue
		}
		if (idle || win.Room(w.Offset(), limit) == 0) && !win.Over(now) {
			o.m.points.waits.Tell(trace.Int("ms", win.Left(now).Milliseconds()))
			select {
			case <-o.ctx.Done():
				return o.severed(s)
			case <-o.m.settings.Changed():
			case <-time.After(win.Left(now)):
			}
			o.m.points.waited.Tell(trace.Bool("urgent", false))
			now = time.Now()
		}
		o.account(w.Offset())
		if win.Over(now) {
			win.Roll(now, w.Offset(), o.sentPages())
			threshold = win.Threshold(o.m.settings.SwitchoverBandwidth(), o.m.settings.DowntimeLimit())
			o.measured(&win)
			s.ask(o.replies, now)
			o.lookAgain(s, now)
			o.m.points.window(&win, o.m.settings.SwitchoverBandwidth(), threshold)
		}
	}
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
