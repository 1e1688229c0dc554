package core

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"qmpmigrate/core/block"
	"qmpmigrate/core/snapshot"
	"qmpmigrate/qapi"
)

// saveSnapshot makes a snapshot of the machine on its disks. Whoever wants the VM
// waits meanwhile, as in QEMU.
func (m *Machine) saveSnapshot(disks *snapshot.Set, name, vmstate string, replace bool) error {
	return m.migration.Alone(func(busy error) error {
		if err := m.migration.Blocked(); err != nil {
			return err
		}
		if err := m.adoptDisks(); err != nil {
			return err
		}
		if err := disks.Check(); err != nil {
			return err
		}
		switch {
		case name == "":
			name = time.Now().Format("vm-20060102150405")
		case replace:
			if err := disks.Delete(name); err != nil {
				return err
			}
		case disks.Has(name):
			return fmt.Errorf("Snapshot '%s' already exists in one or more devices", name)
		}
		keeper, err := disks.Keeper(vmstate)
		if err != nil {
			return err
		}
		if busy != nil {
			return busy
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.closed {
			return errors.New("The machine is closed")
		}
		if m.state == qapi.RunStateInmigrate {
			return errors.New("Guest is waiting for an incoming migration")
		}
		if err := m.guest.Loaded(); err != nil {
			return err
		}
		before := m.state
		m.global.store(m.state, m.slept)
		if err := m.halt(qapi.RunStateSaveVM); err != nil {
			return err
		}
		return errors.Join(m.store(disks, keeper, name), m.restore(before))
	})
}

// store writes the VM, which is stopped, and makes the snapshot. Callers hold mu.
func (m *Machine) store(disks *snapshot.Set, keeper *block.Node, name string) error {
	snap := block.Snapshot{Name: name, Date: time.Now().Truncate(time.Microsecond), Clock: m.vmClock(), Icount: -1}
	w := snapshot.NewWriter(keeper)
	err := m.migration.Store(w)
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		if _, ok := errors.AsType[syscall.Errno](err); ok {
			err = block.Failed(err, "Error while writing VM state")
		}
		return err
	}
	return disks.Create(snap, keeper, w.Size())
}
