package migration

import (
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/trace"
)

// precopy sends pages while the VM runs, until what is left fits into the
// downtime limit and the destination is ready.
func (o *outgoing) precopy(s *sending) error {
	w := gauge{s.w, &o.stats}
	var win window
	win.start(time.Now(), w.Offset(), o.sentPages())
	threshold := uint64(0)
	var limit uint64
	var look time.Duration // what the last look at the log took
	turn := newTurn(func() int64 { return win.room(w.Offset(), limit) })
	for {
		if err := o.ended(); err != nil {
			return err
		}
		// idle: nothing that can be sent now brings the switchover nearer.
		idle := false
		precopy, postcopy := s.live.pending()
		if precopy+postcopy <= threshold {
			began := time.Now()
			precopy, postcopy = o.sync(s.live)
			o.m.points.left(o.m.points.pendingExact, precopy, postcopy)
			look = time.Since(began)
			left := precopy + postcopy
			if left <= threshold && o.maySwitch() {
				o.expect(s, look)
				o.m.points.lowPending.Tell(trace.Uint("pending", left))
				return nil
			}
			idle = left <= threshold || s.live.sendable() <= threshold
		}
		if precopy <= threshold && o.mayPostcopy() {
			return nil
		}
		o.m.points.left(o.m.points.pending, precopy, postcopy)
		limit = o.m.options.maxBandwidth()
		o.m.points.iterate.Tell()
		began, pages, offset := time.Now(), o.sentPages(), w.Offset()
		if err := s.live.iterate(s.Saver, false, turn); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		now := time.Now()
		s.pace.sent(now.Sub(began), o.sentPages()-pages, w.Offset()-offset)
		o.expect(s, look)
		if idle = idle && s.live.sendable() == 0; idle && win.measured() {
			if err := o.await(); err != nil {
				return err
			}
			// What went out meanwhile is no measure of the bandwidth.
			win.start(time.Now(), w.Offset(), o.sentPages())
			threshold = win.threshold(o.m.options.switchoverBandwidth(), o.m.options.downtimeLimit())
			s.ask(o.replies, time.Now())
			o.account(w.Offset())
			continue
		}
		if (idle || win.room(w.Offset(), limit) == 0) && !win.over(now) {
			o.m.points.waits.Tell(trace.Int("ms", win.left(now).Milliseconds()))
			select {
			case <-o.ctx.Done():
				return o.severed(s)
			case <-o.m.options.changed():
			case <-time.After(win.left(now)):
			}
			o.m.points.waited.Tell(trace.Bool("urgent", false))
			now = time.Now()
		}
		o.account(w.Offset())
		if win.over(now) {
			win.roll(now, w.Offset(), o.sentPages())
			threshold = win.threshold(o.m.options.switchoverBandwidth(), o.m.options.downtimeLimit())
			o.measured(&win)
			s.pace.roll()
			s.ask(o.replies, now)
			o.lookAgain(s, now)
			o.m.points.window(&win, o.m.options.switchoverBandwidth(), threshold)
		}
	}
}

// sync reads the dirty log and tells the pass that begins.
func (o *outgoing) sync(live sections) (precopy, postcopy uint64) {
	o.m.points.syncStart.Tell()
	precopy, postcopy = live.sync(time.Now())
	o.harvest()
	o.m.points.syncEnd.Tell(trace.Uint("dirty_pages", o.stats.DirtiedBytes.Load()/memory.PageSize))
	o.converge(time.Now())
	o.m.passEvent(o.stats.Syncs.Load())
	return precopy, postcopy
}
