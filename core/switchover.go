package core

import (
	"fmt"

	"qmpmigrate/core/migration"
	"qmpmigrate/qapi"
)

var _ migration.Host = (*Machine)(nil)

// StopForSwitchover stops the VM for the last part of a migration and stores
// in the stream what it was doing until then.
func (m *Machine) StopForSwitchover() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before = m.state
	m.global.store(m.state)
	if m.state == qapi.RunStateRunning {
		m.halt(qapi.RunStateFinishMigrate)
		return
	}
	m.state = qapi.RunStateFinishMigrate
}

// SwitchoverDone leaves the VM to its destination.
func (m *Machine) SwitchoverDone() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == qapi.RunStateFinishMigrate {
		m.state = qapi.RunStatePostmigrate
	}
}

// SwitchoverUndone gives the VM back as it was: a failed migration costs its
// guest nothing but the pause.
func (m *Machine) SwitchoverUndone() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state != qapi.RunStateFinishMigrate {
		return
	}
	if m.before == qapi.RunStateRunning && m.run() == nil {
		return
	}
	m.state = m.before
}

// IncomingLoaded starts the VM that came, or leaves it stopped: where it was
// stopped at its source, where this machine was told to (-S, stop), and where
// it cannot run here.
func (m *Machine) IncomingLoaded() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = qapi.RunStatePaused
	if m.relay {
		return nil
	}
	was, err := m.global.runState()
	switch {
	case err != nil:
		return err
	case was != qapi.RunStateRunning:
		m.state = was
		return nil
	case !m.autostart:
		return nil
	}
	if err := m.run(); err != nil {
		return fmt.Errorf("cannot start the guest: %w", err)
	}
	return nil
}

// IncomingFailed ends the process unless it was asked to stay.
func (m *Machine) IncomingFailed(err error, exit bool) {
	if exit {
		m.conf.Failed(err)
	}
}
