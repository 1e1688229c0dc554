package core

import (
	"qmpmigrate/core/announce"
	"qmpmigrate/qapi"
)

// SecondaryBegins starts the VM that came beside its primary.
func (m *Machine) SecondaryBegins() error {
	m.mu.Lock()
	if !m.autostart {
		m.conf.Report(`"-S" qemu option will be ignored in secondary side`)
		m.autostart = true
	}
	m.mu.Unlock()
	return m.settle(true)
}

// StopForCheckpoint stops the VM, and stores in the stream what it was doing.
func (m *Machine) StopForCheckpoint() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == qapi.RunStateCOLO || m.state == qapi.RunStateFinishMigrate {
		return
	}
	m.before = m.state
	m.global.store(m.state, m.slept)
	// A VM that is live may always be stopped for a checkpoint.
	_ = m.halt(qapi.RunStateCOLO)
}

// CheckpointDone lets the VM go on.
func (m *Machine) CheckpointDone() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.goOn(m.before)
}

// CheckpointLoaded lets the VM go on that load puts in its place, in the state
// that it had where it came from. A VM that never runs here stays as it is.
func (m *Machine) CheckpointLoaded(load func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := load(); err != nil {
		return err
	}
	if m.relay {
		return nil
	}
	was, err := m.global.runState()
	if err != nil {
		return err
	}
	// What the VM was itself is no more.
	m.state, m.resetLater = qapi.RunStateCOLO, false
	m.slept = m.global.suspended || was == qapi.RunStateSuspended
	return m.goOn(was)
}

// LockstepOver lets the VM go on alone.
func (m *Machine) LockstepOver(tell func()) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	tell()
	return m.goOn(m.before)
}

// goOn takes a VM out of a checkpoint, into state s. Callers hold mu.
func (m *Machine) goOn(s qapi.RunState) error {
	stands := m.state == qapi.RunStateCOLO
	if stands && m.resetLater {
		m.resetGuest()
		if !live(s) {
			s = qapi.RunStatePrelaunch
		}
	}
	switch {
	case s == qapi.RunStateRunning && !m.slept:
		return m.run()
	case live(s) && stands:
		// The table of transitions knows no way from a checkpoint to sleep.
		m.slept, m.state = false, qapi.RunStateSuspended
		m.Emit(&qapi.ResumeEvent{})
	case stands:
		m.state = s
	}
	return nil
}

// Announce lets the VM's network cards tell where they are.
func (m *Machine) Announce(rounds announce.Params) { m.announce(rounds) }
