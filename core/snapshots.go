package core

import (
	"context"

	"qmpmigrate/core/job"
	"qmpmigrate/qapi"
)

var _ qapi.SnapshotCommands = (*Machine)(nil)

// The disks of this build cannot hold snapshots, so that each of these jobs
// ends with the error that a machine of such disks gives.

// SnapshotSave is snapshot-save.
func (m *Machine) SnapshotSave(_ context.Context, args *qapi.SnapshotSaveArgs) error {
	return m.snapshotJob(args.JobID, qapi.JobTypeSnapshotSave, func() error { return m.canSnapshot(args.Devices) })
}

// SnapshotLoad is snapshot-load: it stops the VM, and a failure leaves it stopped.
func (m *Machine) SnapshotLoad(_ context.Context, args *qapi.SnapshotLoadArgs) error {
	return m.snapshotJob(args.JobID, qapi.JobTypeSnapshotLoad, func() error {
		m.mu.Lock()
		err := m.halt(qapi.RunStateRestoreVM)
		m.mu.Unlock()
		if err != nil {
			return err
		}
		return m.canSnapshot(args.Devices)
	})
}

// SnapshotDelete is snapshot-delete. A disk that has no such snapshot is none
// the worse for it.
func (m *Machine) SnapshotDelete(_ context.Context, args *qapi.SnapshotDeleteArgs) error {
	return m.snapshotJob(args.JobID, qapi.JobTypeSnapshotDelete, func() error { return m.snapshotDisks(args.Devices) })
}

func (m *Machine) snapshotJob(id string, kind qapi.JobType, do func() error) error {
	return m.jobs.Start(id, kind, job.Options{}, func(_ context.Context, j *job.Job) error {
		j.Progress(0, 1)
		err := do()
		j.Progress(1, 1)
		return err
	})
}

// snapshotDisks checks that there is at least one disk, and that all exist.
func (m *Machine) snapshotDisks(names []string) error {
	if len(names) == 0 {
		return qapi.Errorf("At least one device is required for snapshot")
	}
	for _, name := range names {
		if m.conf.Disks.Node(name) == nil {
			return qapi.Errorf("No block device node '%s'", name)
		}
	}
	return nil
}

func (m *Machine) canSnapshot(names []string) error {
	if err := m.snapshotDisks(names); err != nil {
		return err
	}
	return qapi.Errorf("Device '%s' is writable but does not support snapshots", names[0])
}
