package migration

import (
	"time"

	"qmpmigrate/core/migration/rate"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/qapi"
)

// progress is what query-migrate tells of a source besides the counters of RAM.
type progress struct {
	began       time.Time
	iterating   time.Time
	stopped     time.Time
	handed      time.Time // in postcopy: when the VM was its destination's
	ended       time.Time
	total       uint64 // bytes of RAM
	transferred int64  // bytes of the stream
	precopied   int64  // those of them that went out while the VM ran
	postcopied  int64  // and those while it ran at its destination
	mbps        float64
	pagesRate   float64
	expected    time.Duration // downtime, were the VM stopped now
	throttle    int           // percent of the time in which the guest rests
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
	up := p.ended
	if !p.handed.IsZero() {
		up = p.handed
	}
	if p.stopped.IsZero() || up.IsZero() {
		return 0
	}
	return up.Sub(p.stopped)
}

// byPhase splits what was transferred: while the VM ran, while it did not, and
// while it ran at its destination.
func (p *progress) byPhase() (precopy, downtime, postcopy int64) {
	return p.precopied, p.transferred - p.precopied - p.postcopied, p.postcopied
}

func (o *outgoing) iterating(now time.Time) {
	o.mu.Lock()
	o.progress.iterating = now
	o.mu.Unlock()
}

func (o *outgoing) stopped(now time.Time) {
	o.mu.Lock()
	o.progress.stopped = now
	o.mu.Unlock()
}

// account says how far the stream is; what went out counts for the state that the VM is in.
func (o *outgoing) account(offset int64) {
	running := o.m.host.RunState() == qapi.RunStateRunning
	o.mu.Lock()
	switch more := offset - o.progress.transferred; {
	case running:
		o.progress.precopied += more
	case states.InPostcopy(o.status):
		o.progress.postcopied += more
	}
	o.progress.transferred = offset
	o.mu.Unlock()
}

func (o *outgoing) measured(w *rate.Window) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.progress.mbps, o.progress.pagesRate = w.Mbps, w.PagesRate
}
