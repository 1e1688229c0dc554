// Package migration conducts the moves of one machine: the state machines of
// source and destination, their statistics, and the switchover.
//
// A source is an outgoing. start.go makes it, stream.go is all of what it sends:
// precopy.go first, then switchover.go, postcopy_source.go or lockstep_source.go,
// or snapshot.go alone. replies.go hears its destination, ending.go unwinds it.
// A destination is an incoming. listen.go makes it, arrival.go carries out what
// the stream commands, and lockstep_target.go follows a primary. Neither knows the
// other; a Migration has both. What needs neither is in the packages below.
package migration

import (
	"context"
	"sync"

	"qmpmigrate/core/migration/blockers"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/settings"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// Migration is the engine of one machine. Its methods may be called from any goroutine.
type Migration struct {
	host     Host
	settings *settings.Settings
	links    *links.Maker
	source   states.Table[states.SourceStep]
	target   states.Table[states.TargetStep]
	points   points
	blockers blockers.List
	// loaded counts what came into this machine.
	loaded ram.Stats

	// commands lets one command at a time begin something, which may take as
	// long as the system needs for an address.
	commands sync.Mutex
	// closing is closed when the machine comes to its end.
	closing chan struct{}
	ending  sync.Once
	// outgoing counts the migration goroutines of sources.
	outgoing sync.WaitGroup
	// steps is held over a step of a state machine and its event, so that events
	// come in the order of the steps: whoever has seen a migration end may begin
	// the next one before the event of that end is out.
	steps sync.Mutex

	// mu guards the rest, and is held for moments only.
	mu       sync.Mutex
	out      *outgoing // the last one, or nil
	in       *incoming // the only one, or nil
	lockstep lockstep
}

// New makes the engine of host.
func New(host Host) *Migration {
	own := settings.New()
	return &Migration{host: host, settings: own, links: links.New(host, own), source: states.Source(), target: states.Target(),
		points: newPoints(host.Trace()), closing: make(chan struct{})}
}

// current gives the last outgoing and the incoming migration, nil where there was none.
func (m *Migration) current() (*outgoing, *incoming) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.out, m.in
}

// status is the source's.
func (m *Migration) status() qapi.MigrationStatus {
	out, _ := m.current()
	if out == nil {
		return qapi.MigrationStatusNone
	}
	s, _ := out.state()
	return s
}

// busy says whether an outgoing migration is under way.
func (m *Migration) busy() bool { return states.Running(m.status()) }

func errInProgress() error { return qapi.Errorf("There's a migration process in progress") }

// Close cancels everything and waits for its end.
func (m *Migration) Close() {
	m.commands.Lock()
	defer m.commands.Unlock()
	m.ending.Do(func() { close(m.closing) })
	out, in := m.current()
	if out != nil {
		out.end(states.SourceQuit)
	}
	m.outgoing.Wait()
	if in != nil {
		in.close()
	}
}

func (m *Migration) statusEvent(s qapi.MigrationStatus) {
	m.points.state.Tell(trace.Str("new_state", s))
	if m.settings.Enabled(qapi.MigrationCapabilityEvents) {
		m.host.Emit(&qapi.MigrationEvent{Status: s})
	}
}

func (m *Migration) passEvent(pass uint64) {
	if m.settings.Enabled(qapi.MigrationCapabilityEvents) {
		m.host.Emit(&qapi.MigrationPassEvent{Pass: int64(pass)})
	}
}

// Wait returns when no migration is under way any more, or ctx is done, which is its only error: how the migration ended
// Info tells, by its Status and ErrorDesc.
func (m *Migration) Wait(ctx context.Context) error {
	out, in := m.current()
	var ends []<-chan struct{}
	if out != nil {
		ends = append(ends, out.done)
	}
	if in != nil {
		ends = append(ends, in.done)
	}
	for _, done := range ends {
		select {
		case <-done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
