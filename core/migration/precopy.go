package migration

import (
	"context"
	"time"

	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
)

// iterateTime bounds one PART section, so that commands and the clock get their turn.
const iterateTime = 50 * time.Millisecond

// precopy sends pages while the VM runs, until what is left fits into the downtime limit.
func (o *outgoing) precopy(ctx context.Context, w *stream.Writer, s *savevm.Saver, id uint32) error {
	var win window
	win.start(time.Now(), w.Offset(), o.pages())
	threshold := uint64(0)
	for {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if o.ram.Pending() <= threshold {
			o.sync()
			if o.ram.Pending() <= threshold {
				return nil
			}
		}
		limit := o.m.options.maxBandwidth()
		until := time.Now().Add(iterateTime)
		s.Part(id, func() {
			o.ram.Iterate(w, func() int64 {
				if !time.Now().Before(until) {
					return 0
				}
				return win.room(w.Offset(), limit)
			})
		})
		if err := w.Flush(); err != nil {
			return err
		}
		now := time.Now()
		if win.room(w.Offset(), limit) == 0 && !win.over(now) {
			select {
			case <-ctx.Done():
			case <-o.m.options.changed():
			case <-time.After(win.left(now)):
			}
			now = time.Now()
		}
		o.account(w.Offset())
		if win.over(now) {
			win.roll(now, w.Offset(), o.pages())
			threshold = win.threshold(o.m.options.switchoverBandwidth(), o.m.options.downtimeLimit())
			o.measured(&win)
		}
	}
}

// sync reads the dirty log and tells the pass that begins.
func (o *outgoing) sync() {
	o.ram.Sync(time.Now())
	o.m.passEvent(o.stats.Syncs.Load())
}
