package conduct

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Failure is a migration that did not complete.
type Failure struct {
	// Cause is why it was given up: the context's cause, a migration in which
	// nothing moved. nil when it failed by itself.
	Cause error
	// Source and Destination are how the sides ended.
	Source, Destination Side
	// Dismissed: the destination was told to quit.
	Dismissed bool
	// Differences are what both sides should have had in common and had not,
	// in words.
	Differences []string
}

// Side is how one side of a failed migration ended.
type Side struct {
	Name   string // of the endpoint
	Status string // the last one it told, maybe empty
	Desc   string // its own words for what went wrong, maybe empty; QEMU has more on its stderr
	Err    error  // why it does not answer, else nil
	// RunState is that of the VM there, "running", "paused", "postmigrate";
	// empty where it does not say.
	RunState string
}

var (
	errDestinationLost = errors.New("the destination failed")
	errPaused          = errors.New("the way between the two broke in postcopy, and both wait" +
		" for migrate-recover on the destination and migrate with resume on the source")
	// ErrAbandoned is the cause of a failure that nobody wanted to wait for.
	ErrAbandoned = errors.New("nobody waits for its end any more")
)

func (f *Failure) Unwrap() error { return f.Cause }

// Headline says what happened and why, without what the sides say.
func (f *Failure) Headline() string {
	what := "the migration failed"
	switch {
	case errors.Is(f.Cause, ErrAbandoned):
		what = "the migration was left alone"
	case f.cancelled():
		what = "the migration was cancelled"
	}
	if f.Cause != nil {
		return what + ": " + f.Cause.Error()
	}
	return what
}

func (f *Failure) cancelled() bool { return f.Source.Status == StatusCancelled }

// CalledOff says that nothing was wrong with the migration but that it was no
// longer wanted: what the source says is only that.
func (f *Failure) CalledOff() bool {
	return f.cancelled() && f.Cause != nil && !errors.Is(f.Cause, errDestinationLost)
}

// Error is one line: what happened, why, and what each side says.
func (f *Failure) Error() string {
	text, separator := f.Headline(), ": "
	if f.Cause != nil {
		separator = "; "
		if f.CalledOff() {
			return text
		}
	}
	for _, s := range []Side{f.Source, f.Destination} {
		text += separator + s.Name + ": " + s.Words()
		separator = "; "
	}
	if f.Source.Status == StatusCompleted {
		text += "; the guest is stopped on " + f.Source.Name
	}
	return text
}

// Words are what s says of its end, or what is to be said where it does not.
func (s *Side) Words() string {
	switch {
	case s.Desc != "":
		return s.Desc
	case errors.Is(s.Err, ErrGone):
		return fmt.Sprintf("%v; its process has probably ended", ErrGone)
	case s.Err != nil:
		return strings.TrimPrefix(s.Err.Error(), s.Name+": ")
	case s.Status == "":
		return "no migration seen"
	}
	return s.Status
}

// failure tells how the migration ended, and lets the destination go.
func (c *conductor) failure() error {
	f := &Failure{Cause: c.reason, Source: c.source.end(c.calls), Destination: c.destination.end(c.calls),
		Differences: differences(c.source.traits, c.destination.traits)}
	f.Dismissed = c.heldBack && !c.KeepDestination && c.destination.status == StatusFailed && c.destination.err == nil
	if f.Dismissed {
		// It may be gone before its reply is.
		_ = c.Destination.Execute(c.calls, "quit", nil, nil)
	}
	return f
}

func (s *side) end(ctx context.Context) Side {
	end := Side{Name: s.name, Status: s.status, Desc: s.desc, Err: s.err}
	if s.err == nil {
		end.RunState = s.runState(ctx)
	}
	return end
}
