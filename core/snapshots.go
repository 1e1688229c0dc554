package core

import (
	"context"
	"time"

	"qmpmigrate/core/job"
	"qmpmigrate/core/snapshot"
	"qmpmigrate/qapi"
)

var _ qapi.SnapshotCommands = (*Machine)(nil)

// SnapshotSave is snapshot-save.
func (m *Machine) SnapshotSave(_ context.Context, args *qapi.SnapshotSaveArgs) error {
	return m.snapshotJob(args.JobID, qapi.JobTypeSnapshotSave, func() error {
		disks, err := snapshot.Named(m.Disks(), args.Devices)
		if err != nil {
			return err
		}
		return m.saveSnapshot(disks, args.Tag, args.Vmstate, false)
	})
}

// SnapshotLoad is snapshot-load: it stops the VM, and a failure leaves it stopped.
func (m *Machine) SnapshotLoad(_ context.Context, args *qapi.SnapshotLoadArgs) error {
	return m.snapshotJob(args.JobID, qapi.JobTypeSnapshotLoad, func() error {
		return m.loadSnapshot(args.Tag, args.Vmstate, func() (*snapshot.Set, error) { return snapshot.Named(m.Disks(), args.Devices) })
	})
}

// SnapshotDelete is snapshot-delete. A disk that has no such snapshot is none
// the worse for it.
func (m *Machine) SnapshotDelete(_ context.Context, args *qapi.SnapshotDeleteArgs) error {
	return m.snapshotJob(args.JobID, qapi.JobTypeSnapshotDelete, func() error {
		disks, err := snapshot.Named(m.Disks(), args.Devices)
		if err != nil {
			return err
		}
		return m.deleteSnapshot(disks, args.Tag)
	})
}

func (m *Machine) snapshotJob(id string, kind qapi.JobType, do func() error) error {
	return m.jobs.Start(id, kind, job.Options{}, func(_ context.Context, j *job.Job) error {
		j.Progress(0, 1)
		err := do()
		j.Progress(1, 1)
		return err
	})
}

// SaveVM is savevm: the snapshot is of all disks, and replaces one of the same
// name. Without a name it gets one that tells the time.
func (m *Machine) SaveVM(name string) error {
	return asError(m.saveSnapshot(snapshot.All(m.Disks()), name, "", true))
}

// LoadVM is loadvm: it stops the VM, and a failure leaves it stopped.
func (m *Machine) LoadVM(name string) error {
	return asError(m.loadSnapshot(name, "", func() (*snapshot.Set, error) { return snapshot.All(m.Disks()), nil }))
}

// DeleteVM is delvm.
func (m *Machine) DeleteVM(name string) error {
	return asError(m.deleteSnapshot(snapshot.All(m.Disks()), name))
}

// Snapshots is what people are shown by info snapshots.
func (m *Machine) Snapshots() (string, error) {
	text, err := snapshot.All(m.Disks()).Table(time.Local)
	return text, asError(err)
}

// SnapshotNames are the names that loadvm and delvm can be given.
func (m *Machine) SnapshotNames() []string { return snapshot.All(m.Disks()).Names() }

func (m *Machine) deleteSnapshot(disks *snapshot.Set, name string) error {
	if err := m.adoptDisks(); err != nil {
		return err
	}
	if err := disks.Check(); err != nil {
		return err
	}
	return disks.Delete(name)
}

func asError(err error) error {
	if err == nil {
		return nil
	}
	return qapi.AsError(err)
}
