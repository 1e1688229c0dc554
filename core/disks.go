package core

import "qmpmigrate/qapi"

// Disks of a VM that is being moved are in two machines, of which one at a time
// may use them: a source until its part of the stream is sent, a destination
// from the moment on in which the VM runs, as with the capability
// late-block-activate, which QEMU 10.0 takes for granted.

// ReleaseDisks leaves the disks to the machine that the VM goes to.
func (m *Machine) ReleaseDisks() error {
	if err := m.conf.Disks.Inactivate(); err != nil {
		return qapi.Errorf("cannot leave the disks to the destination: %v", err)
	}
	return nil
}

// takeDisks makes the disks this machine's, if they are not. Callers hold mu.
func (m *Machine) takeDisks() error {
	if err := m.conf.Disks.Activate(); err != nil {
		return qapi.Errorf("%v", err)
	}
	return nil
}

// takeAdopted takes the disks of a VM that came and never runs here, for a snapshot
// of it: they stay with the source until somebody wants them. Callers hold mu.
func (m *Machine) takeAdopted() error {
	if !m.relay || m.state != qapi.RunStatePaused {
		return nil
	}
	return m.takeDisks()
}

func (m *Machine) adoptDisks() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.takeAdopted()
}

// tryDisks takes the disks for a VM that came, which stays stopped without them.
// Callers hold mu.
func (m *Machine) tryDisks() bool {
	err := m.takeDisks()
	if err != nil {
		m.conf.Report(err.Error())
	}
	return err == nil
}
