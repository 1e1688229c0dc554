package core

import (
	"fmt"

	"github.com/google/uuid"

	"qmpmigrate/core/announce"
	"qmpmigrate/core/migration"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/yank"
	"qmpmigrate/qapi"
)

var _ migration.Host = (*Machine)(nil)

// StopForSwitchover stops the VM for the last part of a migration and stores
// in the stream what it was doing until then.
func (m *Machine) StopForSwitchover() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before = m.state
	m.global.store(m.state, m.slept)
	m.points.stored.Tell(trace.Str("state", m.state))
	// Every state in which a migration may begin leads to this one.
	_ = m.halt(qapi.RunStateFinishMigrate)
	_ = m.become(qapi.RunStateFinishMigrate)
}

// Moment stops the VM for as long as do looks at it, and keeps everybody else from
// its memory.
func (m *Machine) Moment(do func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.access.Lock()
	defer m.access.Unlock()
	before := m.state
	m.global.store(m.state, m.slept)
	if err := m.halt(qapi.RunStatePaused); err != nil {
		return err
	}
	err := do()
	if bad := m.restore(before); err == nil {
		err = bad
	}
	return err
}

// SwitchoverDone leaves the VM to its destination.
func (m *Machine) SwitchoverDone(commit func() bool) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !commit() {
		return false
	}
	if m.state == qapi.RunStateFinishMigrate {
		m.points.became(m.state, qapi.RunStatePostmigrate)
		m.state, m.resetLater = qapi.RunStatePostmigrate, false
	}
	return true
}

// SwitchoverUndone gives the VM back as it was: a failed migration costs its
// guest nothing but the pause.
func (m *Machine) SwitchoverUndone(tell func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	tell()
	if m.state != qapi.RunStateFinishMigrate {
		return
	}
	if m.resetLater {
		m.resetGuest()
		if m.before != qapi.RunStateRunning {
			m.before = qapi.RunStatePrelaunch
		}
	}
	if err := m.takeDisks(); err != nil {
		m.conf.Report(err.Error())
		if live(m.before) {
			m.before = qapi.RunStatePaused
		}
	}
	if m.restore(m.before) != nil {
		m.state = m.before
	}
}

// IncomingLoaded starts the VM that came, or leaves it stopped: where it was
// stopped at its source, where this machine was told to (-S, stop), and where
// it cannot run here.
func (m *Machine) IncomingLoaded(rounds announce.Params) error {
	m.announce(rounds)
	return m.settle(true)
}

// IncomingKept leaves the VM that came stopped.
func (m *Machine) IncomingKept() error { return m.settle(false) }

// settle gives the VM that came the state that it had; start allows that it runs.
func (m *Machine) settle(start bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.relay {
		return m.become(qapi.RunStatePaused)
	}
	was, err := m.global.runState()
	m.points.loaded.Tell(trace.Str("state", was))
	if was == qapi.RunStateInmigrate {
		// Nothing came of it: the source was running, most likely.
		was = qapi.RunStateRunning
	}
	if err != nil {
		return err
	}
	m.slept = m.global.suspended || was == qapi.RunStateSuspended
	switch {
	case !live(was):
		return m.become(was)
	case !m.autostart, !start, !m.tryDisks():
		return m.become(qapi.RunStatePaused)
	}
	if err := m.run(); err != nil {
		return fmt.Errorf("cannot start the guest: %w", err)
	}
	return nil
}

// UUID is the VM's, nil where it has none.
func (m *Machine) UUID() *uuid.UUID {
	if m.conf.UUID == uuid.Nil {
		return nil
	}
	return &m.conf.UUID
}

// VCPUs is how many the VM has.
func (m *Machine) VCPUs() int { return m.board.CPUs }

// YankRegister is where the machine says what of it can be cut off.
func (m *Machine) YankRegister() *yank.Register { return m.conf.Yank }

// Report gives people a line of text.
func (m *Machine) Report(text string) { m.conf.Report(text) }

// IncomingFailed ends the process unless it was asked to stay.
func (m *Machine) IncomingFailed(err error, exit bool) {
	if exit {
		m.conf.Failed(err)
	}
}
