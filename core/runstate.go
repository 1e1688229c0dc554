package core

import (
	"context"
	"time"

	"qmpmigrate/qapi"
)

var _ qapi.RunStateCommands = (*Machine)(nil)

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
	return m.become(qapi.RunStateRunning)
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
		return nil
	case qapi.RunStateCOLO:
		m.before = qapi.RunStatePaused // it stands already, and stays so
		return nil
	}
	return m.halt(qapi.RunStatePaused)
}

// Cont starts the VM; before an incoming migration it makes it start at its end.
// A machine that never runs has its VM again, after a migration out of it.
func (m *Machine) Cont(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case needsReset(m.state):
		return qapi.Errorf("Resetting the Virtual Machine is required")
	case m.state == qapi.RunStateFinishMigrate, m.state == qapi.RunStateCOLO:
		return qapi.Errorf("Migration is not finalized yet")
	case m.state == qapi.RunStateInmigrate:
		m.autostart = true
		return nil
	case m.relay && m.state == qapi.RunStatePostmigrate && !m.migration.Followed():
		m.points.became(m.state, qapi.RunStatePaused)
		m.state = qapi.RunStatePaused // which no VM that runs comes to from there
		return nil
	}
	return m.run()
}

// become changes the run state where that is allowed. Callers hold mu.
func (m *Machine) become(s qapi.RunState) error {
	if s != m.state && !m.transitions[edge{m.state, s}] {
		return qapi.Errorf("invalid runstate transition: '%s' -> '%s'", m.state, s)
	}
	m.points.became(m.state, s)
	m.state = s
	m.clock.turn(s, time.Now())
	return nil
}

// halt stops a VM that is live; another one stays as it is. Callers hold mu.
func (m *Machine) halt(into qapi.RunState) error {
	if !live(m.state) {
		return nil
	}
	slept := m.state == qapi.RunStateSuspended
	if err := m.become(into); err != nil {
		return err
	}
	m.slept = slept
	m.guest.Stop()
	if err := m.conf.Disks.Flush(); err != nil {
		m.conf.Report(err.Error())
	}
	m.points.notified(0, into)
	m.Emit(&qapi.StopEvent{})
	return nil
}

// run makes a VM live that is not: suspended if it was when it was stopped, and
// otherwise running. Callers hold mu.
func (m *Machine) run() error {
	switch {
	case live(m.state):
		return nil
	case m.closed:
		return qapi.Errorf("The machine is closed")
	}
	into := qapi.RunStateRunning
	if m.slept {
		into = qapi.RunStateSuspended
	}
	if err := m.takeDisks(); err != nil {
		return err
	}
	if into == qapi.RunStateRunning {
		if err := m.guest.Start(); err != nil {
			return qapi.Errorf("%v", err)
		}
	}
	if err := m.become(into); err != nil {
		m.guest.Stop()
		return err
	}
	m.slept = false
	m.points.notified(1, into)
	m.Emit(&qapi.ResumeEvent{})
	return nil
}

// restore gives a stopped VM the state back that it had. Callers hold mu.
func (m *Machine) restore(s qapi.RunState) error {
	if live(s) {
		return m.run()
	}
	return m.become(s)
}

// XExitPreconfig is x-exit-preconfig.
func (m *Machine) XExitPreconfig(_ context.Context) error {
	m.mu.Lock()
	begin := m.begin
	m.begin = nil
	m.mu.Unlock()
	if begin == nil {
		return qapi.Errorf("The command is permitted only before machine initialization")
	}
	if err := begin(); err != nil {
		return err
	}
	// At the start of a process nobody listens who could be told so.
	if m.RunState() == qapi.RunStateRunning {
		m.Emit(&qapi.ResumeEvent{})
	}
	return nil
}

// Preconfig makes the machine wait for x-exit-preconfig, which calls begin.
func (m *Machine) Preconfig(begin func() error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begin = begin
}
