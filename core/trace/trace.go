// Package trace is named points in the program that can be made to tell when
// they are passed. A point that is silent costs one look at a flag.
package trace

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync/atomic"
)

// Set is the trace events of one process or one machine. Its methods may be
// called from any goroutine. The events of a nil Set are silent for good.
type Set struct{ events map[Name]*Event }

// NewSet makes a set whose events tell out, a line at a time without its end.
// out may be called from several goroutines at once.
func NewSet(out func(line string)) *Set {
	s := &Set{events: map[Name]*Event{}}
	for _, name := range Names() {
		s.events[name] = &Event{name: name, out: out}
	}
	return s
}

// Event is one point. A nil one is silent.
type Event struct {
	name Name
	on   atomic.Bool
	out  func(line string)
}

// Event gives one of the events.
func (s *Set) Event(name Name) *Event {
	if s == nil {
		return nil
	}
	return s.events[name]
}

// On says whether e tells; hot paths ask before they prepare what to tell.
func (e *Event) On() bool { return e != nil && e.on.Load() }

// Tell says that the point was passed, and what was seen there.
func (e *Event) Tell(format string, args ...any) {
	if e.On() {
		e.out(string(e.name) + " " + fmt.Sprintf(format, args...))
	}
}

// State is an event as its users see it.
type State struct {
	Name Name
	On   bool
}

// ErrUnknown is wrapped by the errors about an event that does not exist.
var ErrUnknown = errors.New("unknown event")

// States lists the events that match pattern, by name. A name that matches
// nothing is an error, a pattern with * or ? is not.
func (s *Set) States(pattern string) ([]State, error) {
	events, err := s.match(pattern)
	states := make([]State, len(events))
	for i, e := range events {
		states[i] = State{e.name, e.On()}
	}
	return states, err
}

// Switch makes the events that match pattern tell or be silent. What is no
// error for States is none here.
func (s *Set) Switch(pattern string, on bool) error {
	events, err := s.match(pattern)
	for _, e := range events {
		e.on.Store(on)
	}
	return err
}

func (s *Set) match(pattern string) ([]*Event, error) {
	if s == nil {
		return nil, unknown(pattern)
	}
	if !IsPattern(pattern) {
		if e := s.events[Name(pattern)]; e != nil {
			return []*Event{e}, nil
		}
		return nil, unknown(pattern)
	}
	// Only * and ? are special here.
	glob := strings.NewReplacer(`\`, `\\`, `[`, `\[`).Replace(pattern)
	var found []*Event
	for _, name := range slices.Sorted(maps.Keys(s.events)) {
		if ok, err := path.Match(glob, string(name)); ok && err == nil {
			found = append(found, s.events[name])
		}
	}
	return found, nil
}

// IsPattern says whether text may match more than one event.
func IsPattern(text string) bool { return strings.ContainsAny(text, "*?") }

func unknown(name string) error { return fmt.Errorf("%w \"%s\"", ErrUnknown, name) }
