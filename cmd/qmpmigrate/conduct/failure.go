package conduct

import (
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
}

// Side is how one side of a failed migration ended.
type Side struct {
	Name   string // of the endpoint
	Status string // the last one it told, maybe empty
	Desc   string // its own words for what went wrong, maybe empty; QEMU has more on its stderr
	Err    error  // why it does not answer, else nil
}

var errDestinationLost = errors.New("the destination failed")

func (f *Failure) Unwrap() error { return f.Cause }

// Error is one line: what happened, why, and what each side says.
func (f *Failure) Error() string {
	var b strings.Builder
	if f.Source.Status == StatusCancelled {
		b.WriteString("the migration was cancelled")
	} else {
		b.WriteString("the migration failed")
	}
	separator := ": "
	if f.Cause != nil {
		fmt.Fprintf(&b, ": %v", f.Cause)
		separator = "; "
		if f.Source.Status == StatusCancelled && !errors.Is(f.Cause, errDestinationLost) {
			return b.String() // what the sides say is only that they were cancelled
		}
	}
	for _, s := range []Side{f.Source, f.Destination} {
		fmt.Fprintf(&b, "%s%s: %s", separator, s.Name, s.words())
		separator = "; "
	}
	if f.Source.Status == StatusCompleted {
		fmt.Fprintf(&b, "; the guest is stopped on %s", f.Source.Name)
	}
	return b.String()
}

func (s *Side) words() string {
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
	f := &Failure{Cause: c.reason, Source: c.source.end(), Destination: c.destination.end()}
	if c.heldBack && !c.KeepDestination && c.destination.status == StatusFailed && c.destination.err == nil {
		// It may be gone before its reply is.
		_ = c.Destination.Execute(c.calls, "quit", nil, nil)
	}
	return f
}

func (s *side) end() Side {
	return Side{Name: s.name, Status: s.status, Desc: s.desc, Err: s.err}
}
