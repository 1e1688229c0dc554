package ram

import "time"

// dirtyRate measures how fast the guest writes, over periods of at least a second.
type dirtyRate struct {
	since   time.Time
	dirtied uint64
}

func (d *dirtyRate) start(now time.Time) { *d = dirtyRate{since: now} }

// sync adds what one sync found; ok says that a period is over, with its rate in pages per second.
func (d *dirtyRate) sync(now time.Time, dirtied uint64) (pagesPerSecond uint64, ok bool) {
	d.dirtied += dirtied
	span := now.Sub(d.since)
	if span < time.Second {
		return 0, false
	}
	pagesPerSecond = d.dirtied * 1000 / uint64(span.Milliseconds())
	d.start(now)
	return pagesPerSecond, true
}
