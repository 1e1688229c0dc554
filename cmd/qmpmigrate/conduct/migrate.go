package conduct

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Result is how a migration was when it ended.
type Result struct {
	Progress
	// RunState is the destination's after a migration that completed:
	// "running", "paused". Empty when it did not say.
	RunState string
}

// Migrate moves the VM of o.Source to o.Destination and returns when both say
// that they are through. When it fails the error is a *Failure, which has the
// words of both sides, unless the migration could not even be started; the
// Result tells how far it came.
//
// The end of ctx cancels the migration: the VM then stays with the source, and
// the error is the context's cause. A migration that completes nevertheless is
// a success.
func Migrate(ctx context.Context, o Options) (Result, error) {
	if err := o.complete(); err != nil {
		return Result{}, err
	}
	c := &conductor{
		Options:     o,
		source:      side{Endpoint: o.Source},
		destination: side{Endpoint: o.Destination},
	}
	// Commands are bounded by themselves. One that was cut short would cost the
	// connection over which the migration is cancelled.
	calls, release := context.WithCancelCause(context.WithoutCancel(ctx))
	defer release(nil)
	c.calls = calls
	go func() {
		select {
		case <-o.Abandon:
			release(ErrAbandoned)
		case <-calls.Done():
		}
	}()
	if err := c.setUp(ctx); err != nil {
		c.restore()
		return Result{}, fmt.Errorf("the migration was not started: %w", err)
	}
	err := c.watch(ctx)
	result := Result{Progress: c.progress}
	if err == nil {
		result.RunState = c.Destination.runState(c.calls)
	} else {
		c.restore()
	}
	c.drain()
	return result, err
}

// conductor is one migration under way.
type conductor struct {
	Options
	source, destination side
	calls               context.Context

	// heldBack says that the destination was asked not to exit when it fails.
	heldBack bool
	// waits says that the source was told to wait for the destination's last word.
	waits bool

	progress Progress
	began    time.Time
	moved    time.Time // when anything changed last
	broken   time.Time // when one side was seen to have failed
	givenUp  time.Time // when the source was told to cancel
	reason   error     // why it was

	active    time.Time // when memory began to move
	switched  bool      // the source was told to go on in postcopy
	continued bool      // and to go on with the switchover
}

// side is what is known of an endpoint.
type side struct {
	*Endpoint
	status string // empty while it does not tell
	desc   string // its own words for what went wrong
	err    error  // why it does not answer any more
	traits traits // asked before, for it may be gone afterwards
}

// look asks s how its migration is.
func (s *side) look(ctx context.Context) (info, bool) {
	if s.err != nil {
		return info{}, false
	}
	i, err := s.queryMigrate(ctx)
	if err != nil {
		if !errors.Is(err, ErrAbandoned) {
			s.err = err
		}
		return i, false
	}
	s.status, s.desc = i.Status, i.ErrorDesc
	return i, true
}

// over: nothing will change on this side any more.
func (s *side) over() bool { return s.err != nil || ended(s.status) }

// lost: this side did not complete, and will not.
func (s *side) lost() bool { return s.over() && s.status != StatusCompleted }

// runState asks e for what became of the VM; empty where it does not say.
func (e *Endpoint) runState(ctx context.Context) string {
	var r struct {
		Status string `json:"status"`
	}
	_ = e.Execute(ctx, "query-status", nil, &r)
	return r.Status
}
