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

// Sink gets what events tell, from any goroutine. fields are its own.
type Sink func(name Name, fields []Field)

// Set is the trace events of one process or one machine. Its methods may be
// called from any goroutine. The events of a nil Set are silent for good.
type Set struct{ events map[Name]*Event }

// NewSet makes a set whose events tell sink.
func NewSet(sink Sink) *Set {
	s := &Set{events: map[Name]*Event{}}
	for _, name := range Names() {
		s.events[name] = &Event{name: name, sink: sink}
	}
	return s
}

// Event is one point. A nil one is silent.
type Event struct {
	name Name
	on   atomic.Bool
	sink Sink
}

// Event gives one of the events.
func (s *Set) Event(name Name) *Event {
	if s == nil {
		return nil
	}
	return s.events[name]
}

// On says whether e tells; hot paths, and who must prepare what to tell, ask before.
func (e *Event) On() bool { return e != nil && e.on.Load() }

// Tell says that the point was passed, and what was seen there: QEMU's
// arguments, by QEMU's names. It allocates only where e tells; hot paths ask
// On first, which is all that a silent event costs then.
func (e *Event) Tell(fields ...Field) {
	if e.On() {
		e.tell(fields)
	}
}

// tell gives the sink a copy, so that a caller's fields never leave its stack.
func (e *Event) tell(fields []Field) { e.sink(e.name, slices.Clone(fields)) }

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
