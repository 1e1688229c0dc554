package core

import (
	"context"

	"qmpmigrate/qapi"
)

// RunState is the state of the VM now.
func (m *Machine) RunState() qapi.RunState {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// Launch lets a VM that waits for nothing begin, as at the end of a process's start.
func (m *Machine) Launch() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state != qapi.RunStatePrelaunch || !m.autostart {
		return nil
	}
	if err := m.guest.Start(); err != nil {
		return err
	}
	m.state = qapi.RunStateRunning
	return nil
}

// QueryStatus tells the run state.
func (m *Machine) QueryStatus(context.Context) (*qapi.StatusInfo, error) {
	s := m.RunState()
	return &qapi.StatusInfo{Running: s == qapi.RunStateRunning, Status: s}, nil
}

// Stop stops the VM; before an incoming migration it keeps it from starting.
func (m *Machine) Stop(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch m.state {
	case qapi.RunStateInmigrate:
		m.autostart = false
	case qapi.RunStateRunning:
		m.halt(qapi.RunStatePaused)
	}
	return nil
}

// Cont starts the VM; before an incoming migration it makes it start at its end.
func (m *Machine) Cont(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch m.state {
	case qapi.RunStateInmigrate:
		m.autostart = true
		return nil
	case qapi.RunStateFinishMigrate:
		return qapi.Errorf("Migration is not finalized yet")
	case qapi.RunStateRunning:
		return nil
	}
	return m.run()
}

// Shutdown announces the end of the VM; the process ends after it.
func (m *Machine) Shutdown(cause qapi.ShutdownCause) {
	m.Emit(&qapi.ShutdownEvent{Guest: false, Reason: cause})
}

// halt stops the vCPUs of a running VM. Callers hold mu.
func (m *Machine) halt(into qapi.RunState) {
	m.guest.Stop()
	m.state = into
	m.Emit(&qapi.StopEvent{})
}

// run starts the vCPUs. Callers hold mu.
func (m *Machine) run() error {
	if err := m.guest.Start(); err != nil {
		return qapi.Errorf("%v", err)
	}
	m.state = qapi.RunStateRunning
	m.Emit(&qapi.ResumeEvent{})
	return nil
}
