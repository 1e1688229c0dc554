// Package migration conducts the moves of one machine: the state machines of
// source and destination, their options and statistics, and the switchover.
package migration

import (
	"context"
	"sync"

	"qmpmigrate/channels"
	"qmpmigrate/core/ram"
	"qmpmigrate/qapi"
)

// Migration is the engine of one machine. Its methods may be called from any goroutine.
type Migration struct {
	host        Host
	options     *options
	transitions map[edge]qapi.MigrationStatus
	// loaded counts what came into this machine.
	loaded ram.Stats

	mu  sync.Mutex
	out *outgoing // the last one, or nil
	in  *incoming // the only one, or nil
}

// New makes the engine of host.
func New(host Host) *Migration {
	return &Migration{host: host, options: newOptions(), transitions: transitions()}
}

// Start begins to migrate to addr. It returns at once; QueryMigrate tells how it goes.
func (m *Migration) Start(addr channels.Address) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.busy() {
		return errInProgress()
	}
	switch m.host.RunState() {
	case qapi.RunStateInmigrate:
		return qapi.Errorf("Guest is waiting for an incoming migration")
	case qapi.RunStatePostmigrate:
		return qapi.Errorf("Can't migrate the vm that was paused due to previous migration")
	}
	if err := m.host.Guest().Loaded(); err != nil {
		return qapi.Errorf("%v", err)
	}
	m.out = m.send(addr)
	return nil
}

// Listen begins to wait for an incoming migration at addr; when it returns the
// channel is open. A failure of the migration ends the process where exit says so.
func (m *Migration) Listen(addr channels.Address, exit bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.in != nil {
		return qapi.Errorf("The incoming migration has already been started")
	}
	if m.host.RunState() != qapi.RunStateInmigrate {
		return qapi.Errorf("'-incoming' was not specified on the command line")
	}
	in, err := m.listen(addr, exit)
	if err != nil {
		return qapi.Errorf("%v", err)
	}
	m.in = in
	return nil
}

// Cancel ends an outgoing migration; without one it does nothing.
func (m *Migration) Cancel() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.out != nil {
		m.out.stop()
	}
}

// Close cancels everything and waits for its end.
func (m *Migration) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.out != nil {
		m.out.close()
	}
	if m.in != nil {
		m.in.close()
	}
}

// busy says whether an outgoing migration is under way.
func (m *Migration) busy() bool {
	if m.out == nil {
		return false
	}
	status, _ := m.out.state()
	return running(status)
}

func errInProgress() error { return qapi.Errorf("There's a migration process in progress") }

// SetCapabilities switches capabilities, all of the list or none.
func (m *Migration) SetCapabilities(list []qapi.MigrationCapabilityStatus) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.busy() {
		return errInProgress()
	}
	return m.options.setCapabilities(list)
}

// Capabilities lists all capabilities in the schema's order.
func (m *Migration) Capabilities() []qapi.MigrationCapabilityStatus {
	return m.options.listCapabilities()
}

// SetParameters changes parameters, all that are set or none; they act at once.
func (m *Migration) SetParameters(args *qapi.MigrateSetParameters) error {
	return m.options.setParameters(args)
}

// Parameters gives the value of every parameter.
func (m *Migration) Parameters() *qapi.MigrationParameters { return m.options.listParameters() }

func (m *Migration) statusEvent(s qapi.MigrationStatus) {
	if m.options.enabled(qapi.MigrationCapabilityEvents) {
		m.host.Emit(&qapi.MigrationEvent{Status: s})
	}
}

func (m *Migration) passEvent(pass uint64) {
	if m.options.enabled(qapi.MigrationCapabilityEvents) {
		m.host.Emit(&qapi.MigrationPassEvent{Pass: int64(pass)})
	}
}

// Wait returns when no migration is under way any more, or ctx is done.
func (m *Migration) Wait(ctx context.Context) error {
	m.mu.Lock()
	out, in := m.out, m.in
	m.mu.Unlock()
	var ends []chan struct{}
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
