package core

import (
	"context"
	"testing"
	"testing/synctest"

	"qmpmigrate/core/block"
	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

// TestSnapshotJobs: what a QEMU does whose disks cannot hold snapshots.
func TestSnapshotJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disks := &block.Graph{}
		if err := disks.AddNode(block.NewNode("d0", "raw", "d0", emptyDisk{}, false)); err != nil {
			t.Fatal(err)
		}
		m, err := NewMemtest(Config{Disks: disks}, memtest.Config{RAMSize: 1 << 20, Workload: &memtest.Idle{}})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		if err := m.Launch(); err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		for _, step := range []struct {
			id    string
			start func(id string) error
			want  string // empty: the job succeeds
		}{
			{"save", func(id string) error {
				return m.SnapshotSave(ctx, &qapi.SnapshotSaveArgs{JobID: id, Tag: "t", Vmstate: "d0", Devices: []string{"d0", "nope"}})
			}, "No block device node 'nope'"},
			{"save2", func(id string) error {
				return m.SnapshotSave(ctx, &qapi.SnapshotSaveArgs{JobID: id, Tag: "t", Vmstate: "d0", Devices: []string{"d0"}})
			}, "Device 'd0' is writable but does not support snapshots"},
			{"delete", func(id string) error {
				return m.SnapshotDelete(ctx, &qapi.SnapshotDeleteArgs{JobID: id, Tag: "t"})
			}, "At least one device is required for snapshot"},
			{"delete2", func(id string) error {
				return m.SnapshotDelete(ctx, &qapi.SnapshotDeleteArgs{JobID: id, Tag: "t", Devices: []string{"d0"}})
			}, ""},
			{"load", func(id string) error {
				return m.SnapshotLoad(ctx, &qapi.SnapshotLoadArgs{JobID: id, Tag: "t", Vmstate: "d0", Devices: []string{"y"}})
			}, "No block device node 'y'"},
		} {
			if err := step.start(step.id); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			jobs, _ := m.QueryJobs(ctx)
			got := ""
			if jobs[0].Error != nil {
				got = *jobs[0].Error
			}
			if jobs[0].ID != step.id || got != step.want || jobs[0].CurrentProgress != 1 || jobs[0].TotalProgress != 1 {
				t.Errorf("%s: %+v, %s", step.id, jobs[0], got)
			}
		}
		if s := m.RunState(); s != qapi.RunStateRestoreVM {
			t.Errorf("after a load that failed the VM is %s", s)
		}
	})
}

// emptyDisk is a disk of no length.
type emptyDisk struct{}

func (emptyDisk) ReadAt([]byte, int64) (int, error)             { return 0, nil }
func (emptyDisk) WriteAt([]byte, int64) (int, error)            { return 0, nil }
func (emptyDisk) WriteZeros(int64, int64) error                 { return nil }
func (emptyDisk) Size() int64                                   { return 0 }
func (emptyDisk) Extent(int64, int64) (e block.Extent, _ error) { return e, nil }
func (emptyDisk) Flush() error                                  { return nil }
func (emptyDisk) Close() error                                  { return nil }
