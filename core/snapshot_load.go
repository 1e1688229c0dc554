package core

import (
	"errors"
	"fmt"
	"syscall"

	"qmpmigrate/core/block"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/snapshot"
	"qmpmigrate/qapi"
)

// loadSnapshot stops the VM and takes it back to a snapshot. Afterwards it runs if
// it did before; a failure leaves it stopped.
func (m *Machine) loadSnapshot(name, vmstate string, find func() (*snapshot.Set, error)) error {
	return m.migration.Alone(func(busy error) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.closed {
			return errors.New("The machine is closed")
		}
		before := m.state
		if busy == nil {
			if err := m.halt(qapi.RunStateRestoreVM); err != nil {
				return err
			}
		}
		if err := m.takeAdopted(); err != nil {
			return err
		}
		disks, err := find()
		if err == nil {
			err = m.goBack(disks, name, vmstate, busy)
		}
		if err != nil {
			return err
		}
		return m.goOnAfterLoad(before)
	})
}

// goBack makes disks and VM what they were. Callers hold mu.
func (m *Machine) goBack(disks *snapshot.Set, name, vmstate string, busy error) error {
	if err := disks.Check(); err != nil {
		return err
	}
	if !disks.Has(name) {
		return fmt.Errorf("Snapshot '%s' does not exist in one or more devices", name)
	}
	keeper, err := disks.Keeper(vmstate)
	if err != nil {
		return err
	}
	snap, err := snapshot.Find(keeper, name)
	switch {
	case err != nil:
		return err
	case busy != nil:
		return busy
	case m.state == qapi.RunStateInmigrate:
		return errors.New("Guest is waiting for an incoming migration")
	}
	if err := disks.Apply(name); err != nil {
		return err
	}
	if err := m.take(keeper, snap); err != nil {
		// QEMU tells the reason to people only.
		m.conf.Report(err.Error())
		code := syscall.EINVAL
		if errors.Is(err, syscall.EIO) {
			code = syscall.EIO
		}
		return fmt.Errorf("Error %d while loading VM state", -int(code))
	}
	return nil
}

// take loads the VM. Callers hold mu.
func (m *Machine) take(keeper *block.Node, snap block.Snapshot) error {
	from := snapshot.NewReader(keeper, snap.VMStateSize)
	if whole, ok := m.guest.(guest.Replaceable); ok {
		other := whole.Another()
		err := m.migration.Restore(other, from)
		if err == nil {
			m.access.Lock()
			err = whole.Replace(other)
			m.access.Unlock()
		}
		return errors.Join(err, other.Close())
	}
	m.resetGuest()
	for _, b := range m.guest.Blocks() {
		b.Refresh() // so that pages that are zeros in the snapshot become so
	}
	if err := m.migration.Restore(m.guest, from); err != nil {
		return err
	}
	was, err := m.global.runState()
	m.slept = m.global.suspended || was == qapi.RunStateSuspended
	m.clock.ran = snap.Clock
	return err
}

// goOnAfterLoad lets a VM that was loaded run if it ran before. Callers hold mu.
func (m *Machine) goOnAfterLoad(before qapi.RunState) error {
	if m.relay {
		// It never runs here, but there is one now.
		if m.state == qapi.RunStatePrelaunch {
			m.state = qapi.RunStatePaused
		}
		return nil
	}
	if err := m.restore(before); err != nil {
		return err
	}
	if before == qapi.RunStateRunning && m.state == qapi.RunStateSuspended {
		return m.wake()
	}
	return nil
}

// LaunchSnapshot is Launch for a VM that begins with what a snapshot holds.
func (m *Machine) LaunchSnapshot(name string) error {
	if err := m.LoadVM(name); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.relay || !m.autostart {
		return nil
	}
	return m.goOnAfterLoad(qapi.RunStateRunning)
}
