package migration

import "time"

// progress is what query-migrate tells of a source besides the counters of RAM.
type progress struct {
	began       time.Time
	iterating   time.Time
	stopped     time.Time
	ended       time.Time
	total       uint64 // bytes of RAM
	transferred int64  // bytes of the stream
	beforeStop  int64  // bytes of the stream when the VM was stopped
	mbps        float64
	pagesRate   float64
	expected    time.Duration // downtime, were the VM stopped now
}

func (p *progress) begin(now time.Time, limit time.Duration) { p.began, p.expected = now, limit }

func (p *progress) end(now time.Time) {
	p.ended = now
	if span := now.Sub(p.iterating); span > 0 {
		p.mbps = float64(p.transferred) * 8 / 1e6 / span.Seconds()
	}
}

// totalTime is the time since migrate, or how long it took in all.
func (p *progress) totalTime(now time.Time) time.Duration {
	if !p.ended.IsZero() {
		now = p.ended
	}
	return now.Sub(p.began)
}

func (p *progress) setupTime() time.Duration {
	if p.iterating.IsZero() {
		return 0
	}
	return p.iterating.Sub(p.began)
}

func (p *progress) downtime() time.Duration {
	if p.stopped.IsZero() || p.ended.IsZero() {
		return 0
	}
	return p.ended.Sub(p.stopped)
}

// byPhase splits what was transferred at the moment when the VM stopped.
func (p *progress) byPhase() (precopy, downtime int64) {
	if p.stopped.IsZero() {
		return p.transferred, 0
	}
	return p.beforeStop, p.transferred - p.beforeStop
}

func (o *outgoing) iterating(now time.Time) {
	o.mu.Lock()
	o.progress.iterating = now
	o.mu.Unlock()
}

func (o *outgoing) stopped(now time.Time, offset int64) {
	o.mu.Lock()
	o.progress.stopped, o.progress.beforeStop = now, offset
	o.mu.Unlock()
}

func (o *outgoing) account(offset int64) {
	o.mu.Lock()
	o.progress.transferred = offset
	o.mu.Unlock()
}

// enoughToExpect is how much a window must have moved to say anything about
// the downtime, in bytes.
const enoughToExpect = 10000

func (o *outgoing) measured(w *window) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.progress.mbps, o.progress.pagesRate = w.mbps, w.pagesRate
	if o.stats.DirtyRate.Load() > 0 && w.moved > enoughToExpect {
		ms := float64(o.stats.DirtiedBytes.Load()) / w.bandwidth
		o.progress.expected = time.Duration(ms * float64(time.Millisecond))
	}
}
