package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// eventTime is what an event gets until it must have come.
const eventTime = 2 * time.Minute

// An Event is a QMP event.
type Event struct {
	Name string          `json:"event"`
	Data json.RawMessage `json:"data"`
	At   struct {
		Seconds      int64 `json:"seconds"`
		Microseconds int64 `json:"microseconds"`
	} `json:"timestamp"`
}

// Time is when it happened, by the emulator's clock.
func (e Event) Time() time.Time { return time.Unix(e.At.Seconds, e.At.Microseconds*1000) }

func (e Event) String() string { return e.Name + " " + string(e.Data) }

// eventLog keeps all events of a monitor in order, so that a wait can also find what has come already.
type eventLog struct {
	mu      sync.Mutex
	events  []Event
	closed  bool
	changed chan struct{} // closed and replaced with each change
}

func newEventLog() *eventLog { return &eventLog{changed: make(chan struct{})} }

func (l *eventLog) add(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *eventLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	close(l.changed)
	l.changed = make(chan struct{})
}

// since returns the events from a position on, and what tells that more have come.
func (l *eventLog) since(from int) (events []Event, closed bool, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events[min(from, len(l.events)):]), l.closed, l.changed
}

// Events returns all events that have come so far. Its length is a position for WaitEvent.
func (m *Monitor) Events() []Event {
	events, _, _ := m.events.since(0)
	return events
}

// WaitEvent waits for an event of a name that is at a position or later, and that match (nil: any) accepts.
func (m *Monitor) WaitEvent(ctx context.Context, from int, name string, match func(Event) bool) (Event, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, eventTime, errors.New("no such event in time"))
	defer cancel()
	for {
		events, closed, changed := m.events.since(from)
		for _, e := range events {
			if e.Name == name && (match == nil || match(e)) {
				return e, nil
			}
		}
		if closed {
			return Event{}, fmt.Errorf("waiting for event %s: %w", name, errMonitorGone)
		}
		from += len(events)
		select {
		case <-changed:
		case <-ctx.Done():
			return Event{}, fmt.Errorf("waiting for event %s: %w", name, context.Cause(ctx))
		}
	}
}

// waitEnd waits until the connection has ended, and all events have come.
func (m *Monitor) waitEnd(ctx context.Context) error {
	_, err := m.WaitEvent(ctx, 0, "", nil)
	if errors.Is(err, errMonitorGone) {
		return nil
	}
	return err
}
