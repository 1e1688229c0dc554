package conduct

import (
	"context"
	"time"
)

// waker waits for a reason to look at a migration: time, an event that tells
// of a change, or the end of a connection.
type waker struct {
	c                               *conductor
	ctx                             context.Context
	ended                           <-chan struct{} // nil when it has been told
	sourceGone, destinationGone     <-chan struct{} // likewise
	sourceEvents, destinationEvents <-chan Event
	tick                            *time.Ticker
}

func newWaker(c *conductor, ctx context.Context) *waker {
	return &waker{
		c:                 c,
		ctx:               ctx,
		ended:             ctx.Done(),
		sourceGone:        c.Source.Gone(),
		destinationGone:   c.Destination.Gone(),
		sourceEvents:      c.Source.events,
		destinationEvents: c.Destination.events,
		tick:              time.NewTicker(c.Interval),
	}
}

func (w *waker) stop() { w.tick.Stop() }

// wait returns when it is time to look. The context's end is told once.
func (w *waker) wait() error {
	for {
		select {
		case <-w.tick.C:
			return nil
		case event := <-w.sourceEvents:
			if w.c.news(event) {
				return nil
			}
		case event := <-w.destinationEvents:
			if w.c.news(event) {
				return nil
			}
		case <-w.sourceGone:
			w.sourceGone = nil
			return nil
		case <-w.destinationGone:
			w.destinationGone = nil
			return nil
		case <-w.ended:
			w.ended = nil
			return context.Cause(w.ctx)
		case <-w.c.calls.Done(): // abandoned
			return nil
		}
	}
}

// news passes an event on, and says whether the migration's status changed.
// Passes may end more often than anybody wants to look.
func (c *conductor) news(event Event) bool {
	c.OnEvent(event)
	return event.Name == "MIGRATION"
}

// drain passes on the events that have come and that nobody waits for any more.
func (c *conductor) drain() {
	for {
		select {
		case event := <-c.Source.events:
			c.OnEvent(event)
		case event := <-c.Destination.events:
			c.OnEvent(event)
		default:
			return
		}
	}
}
