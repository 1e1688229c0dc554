package conduct

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// settleTime is what a side gets to notice, and to say, why the other one failed.
	settleTime = 2 * time.Second
	// cancelTime is what the source gets to end a migration that it was told to cancel.
	cancelTime = 10 * time.Second
	// figuresTime is what a source that completed gets to work out how long it took.
	figuresTime = 100 * time.Millisecond
)

// watch looks at both sides until the migration has ended. nil means that both
// completed it.
func (c *conductor) watch(ctx context.Context) error {
	w := newWaker(c, ctx)
	defer w.stop()
	for {
		c.look()
		now := time.Now()
		switch s, d := &c.source, &c.destination; {
		case errors.Is(context.Cause(c.calls), ErrAbandoned):
			c.reason = ErrAbandoned
			return c.failure()
		case s.status == StatusCompleted && d.status == StatusCompleted:
			c.figures()
			return nil
		case s.over() && d.over():
			return c.failure()
		case !c.givenUp.IsZero() && now.Sub(c.givenUp) > cancelTime:
			return c.failure()
		case s.lost():
			if c.sinceBroken(now) > settleTime {
				return c.failure()
			}
		case d.lost():
			if c.sinceBroken(now) > settleTime {
				c.giveUp(errDestinationLost)
			}
		case now.Sub(c.moved) > c.Stall:
			c.giveUp(&stalled{c.Stall, c.progress.Status, c.progress.DestinationStatus})
			if s.over() || c.committed() { // nothing is left to cancel
				return c.failure()
			}
		case s.status == statusPaused:
			c.reason = errPaused
			return c.failure()
		default:
			c.steer(now)
		}
		if err := w.wait(); err != nil {
			c.giveUp(err)
		}
	}
}

// look asks both sides and passes on what they say.
func (c *conductor) look() {
	before := c.progress.marks()
	if i, ok := c.source.look(c.calls); ok {
		c.progress.take(i)
	}
	if i, ok := c.destination.look(c.calls); ok {
		c.progress.DestinationStatus = i.Status
	}
	now := time.Now()
	c.progress.Committed = c.committed()
	c.progress.Elapsed = now.Sub(c.began)
	if c.progress.marks() != before {
		c.moved = now
	}
	c.drain() // what happened before both were asked
	c.OnProgress(c.progress)
}

// figures asks a source that completed again for how long it took: a QEMU 7.2
// says that it has a moment before it has worked that out.
func (c *conductor) figures() {
	for end := time.Now().Add(figuresTime); c.progress.TotalTime == 0 && time.Now().Before(end); {
		time.Sleep(figuresTime / 10)
		i, ok := c.source.look(c.calls)
		if !ok {
			return
		}
		c.progress.take(i)
	}
}

func (c *conductor) sinceBroken(now time.Time) time.Duration {
	if c.broken.IsZero() {
		c.broken = now
	}
	return now.Sub(c.broken)
}

// giveUp tells the source to cancel; the first reason counts. A migration whose
// guest runs at the destination cannot be cancelled any more, and goes on.
func (c *conductor) giveUp(reason error) {
	if c.reason != nil {
		return
	}
	if c.committed() {
		if _, stuck := errors.AsType[*stalled](reason); stuck {
			c.reason = reason
		}
		return
	}
	c.reason, c.givenUp = reason, time.Now()
	// A source that refuses, or is gone, shows in how the migration ends.
	_ = c.Source.Execute(c.calls, "migrate_cancel", nil, nil)
}

// stalled is a migration in which nothing moves.
type stalled struct {
	time                time.Duration
	source, destination string
}

func (s *stalled) Error() string {
	return fmt.Sprintf("nothing moved for %v (status of the source: %s, of the destination: %s)",
		s.time, s.source, cmp.Or(s.destination, "unknown"))
}
