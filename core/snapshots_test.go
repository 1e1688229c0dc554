package core

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/blocktest"
	"qmpmigrate/core/block/file"
	"qmpmigrate/core/block/images"
	"qmpmigrate/core/block/qcow2"
	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
	"qmpmigrate/tests/testdata"
)

// snapshotDisk makes a qcow2 of 1 MiB.
func snapshotDisk(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "disk.qcow2")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := file.Open(path, file.Options{Grow: true})
	if err != nil {
		t.Fatal(err)
	}
	n := block.NewNode("n", "file", path, f, false)
	if err := errorsOf(qcow2.Create(n.Storage(), qcow2.CreateOptions{Size: 1 << 20}), n.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// disksOf opens images as the disks ide0-hd0, ide0-hd1 and so on of the nodes n0, n1.
func disksOf(t *testing.T, paths ...string) *block.Graph {
	t.Helper()
	g := &block.Graph{}
	for i, path := range paths {
		name := string(rune('0' + i))
		n, err := (&images.Opener{Graph: g}).AddDrive(images.Drive{File: path, Format: "qcow2", NodeName: "n" + name})
		if err != nil {
			t.Fatal(err)
		}
		g.AddBackend(block.Backend{Name: "ide0-hd" + name, Node: n})
	}
	return g
}

func said(t *testing.T, what string, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// A guest that writes all the time goes back to where it was, as often as one likes,
// and into another machine.
func TestSaveAndLoad(t *testing.T) {
	eachEngine(t, func(t *testing.T, apart bool) {
		path, second := snapshotDisk(t), snapshotDisk(t)
		stress := memtest.NewStress()
		stress.Rate, stress.ZeroShare, stress.Fill, stress.UpdateSize = 0, 30, 70, 64
		p := launched(t, Config{Board: Board{CPUs: 2}, Disks: disksOf(t, path, second)},
			memtest.Config{RAMSize: fixedRAM, VCPUs: 2, Workload: stress, Apart: apart})
		p.writes(t, 2000)
		if err := p.SaveVM("first"); err != nil {
			t.Fatal(err)
		}
		if s := p.RunState(); s != qapi.RunStateRunning {
			t.Errorf("after savevm it is %s", s)
		}
		p.writes(t, 2000)
		for range 2 {
			if err := p.LoadVM("first"); err != nil {
				t.Fatal(err)
			}
			p.writes(t, 2000)
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.verified(t, fixedRAM)
		if err := p.LoadVM("first"); err != nil {
			t.Fatal(err)
		}
		if s := p.RunState(); s != qapi.RunStatePaused {
			t.Errorf("a stopped one is %s after loadvm", s)
		}
		p.verified(t, fixedRAM)
		if got := p.events.String(); got != "STOP, RESUME, STOP, RESUME, STOP, RESUME, STOP" {
			t.Errorf("events: %s", got)
		}
		if names := p.SnapshotNames(); len(names) != 1 || names[0] != "first" {
			t.Errorf("names: %v", names)
		}
		text, err := p.Snapshots()
		if err != nil || strings.Count(text, "\n") != 3 || !strings.Contains(text, "--      first ") {
			t.Errorf("%v, %s", err, text)
		}
		if err := p.SaveVM("first"); err != nil { // again, in the place of the other
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		other := launched(t, Config{Paused: true, Board: Board{CPUs: 2}, Disks: disksOf(t, path, second)},
			memtest.Config{RAMSize: fixedRAM, VCPUs: 2, Workload: &memtest.Idle{}})
		said(t, "another", other.LaunchSnapshot("nope"), "Snapshot 'nope' does not exist in one or more devices")
		if err := other.LaunchSnapshot("first"); err != nil {
			t.Fatal(err)
		}
		if s := other.RunState(); s != qapi.RunStatePrelaunch {
			t.Errorf("with -S it is %s", s)
		}
		other.verified(t, fixedRAM)
		if err := other.Cont(t.Context()); err != nil {
			t.Fatal(err)
		}
		other.writes(t, 1000)
		said(t, "delvm", other.DeleteVM("first"), "")
		if text, err := other.Snapshots(); err != nil || text != "There is no snapshot available.\n" {
			t.Errorf("%v, %s", err, text)
		}
	})
}

// What cannot be: in the words of a QEMU.
func TestSnapshotRefusals(t *testing.T) {
	one, two := snapshotDisk(t), snapshotDisk(t)
	g := disksOf(t, one, two)
	p := launched(t, Config{Disks: g}, memtest.Config{RAMSize: 1 << 20, Workload: &memtest.Idle{}})
	const missing = "Snapshot 'a' does not exist in one or more devices"
	said(t, "load of nothing", p.LoadVM("a"), missing)
	if s := p.RunState(); s != qapi.RunStateRestoreVM {
		t.Errorf("after a load that failed it is %s", s)
	}
	if err := p.Cont(t.Context()); err != nil {
		t.Fatal(err)
	}
	unblock, err := p.Migration().Block("it is nailed down")
	if err != nil {
		t.Fatal(err)
	}
	said(t, "blocked", p.SaveVM("a"), "it is nailed down")
	unblock()
	switchDisks(t, p.Machine, "on")
	said(t, "save of disks that migrate", p.SaveVM("a"), "Block migration and snapshots are incompatible")
	if s := p.RunState(); s != qapi.RunStateRunning {
		t.Errorf("after that it is %s", s)
	}
	switchDisks(t, p.Machine, "off")
	said(t, "save", p.SaveVM("a"), "")
	// A snapshot of one disk is none of all.
	_, err = g.Node("n1").Snapshots(func(s block.Snapshots) error { return s.Delete("a") })
	if err != nil {
		t.Fatal(err)
	}
	said(t, "load of a part", p.LoadVM("a"), missing)
	text, err := p.Snapshots()
	if err != nil || !strings.HasPrefix(text, "List of snapshots present on all disks:\nNone\n\nList of partial (non-loadable) snapshots on 'ide0-hd0':\nID ") {
		t.Errorf("%v: %s", err, text)
	}
	_, err = g.Node("n1").Snapshots(func(s block.Snapshots) error { _, err := s.Create(block.Snapshot{Name: "a"}); return err })
	if err != nil {
		t.Fatal(err)
	}
	g.Node("n0").AddBitmap(block.NewBitmap("b", 65536, 1<<20))
	said(t, "bitmaps", p.LoadVM("a"), "Could not load snapshot 'a' on 'ide0-hd0': Device has active dirty bitmaps")
	g.Node("n0").RemoveBitmap(g.Node("n0").Bitmap("b"))
	// The disks without the state of a VM.
	_, err = g.Node("n0").Snapshots(func(s block.Snapshots) error { _, err := s.Create(block.Snapshot{Name: "disk"}); return err })
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.Node("n1").Snapshots(func(s block.Snapshots) error { _, err := s.Create(block.Snapshot{Name: "disk"}); return err })
	if err != nil {
		t.Fatal(err)
	}
	said(t, "only disks", p.LoadVM("disk"), "This is a disk-only snapshot. Revert to it  offline using qemu-img")
	said(t, "load", p.LoadVM("a"), "")
	if err := g.AddNode(blocktest.NewMemory(512).Node("raw")); err != nil {
		t.Fatal(err)
	}
	const raw = "Device 'raw' is writable but does not support snapshots"
	said(t, "save beside raw", p.SaveVM("b"), raw)
	said(t, "load beside raw", p.LoadVM("a"), raw)
	said(t, "delete beside raw", p.DeleteVM("a"), raw)
}

// Jobs fail, and are done, as QEMU's.
func TestSnapshotJobs(t *testing.T) {
	path := snapshotDisk(t)
	synctest.Test(t, func(t *testing.T) {
		g := disksOf(t, path)
		if err := g.AddNode(blocktest.NewMemory(512).Node("raw")); err != nil {
			t.Fatal(err)
		}
		m, err := NewMemtest(Config{Disks: g}, memtest.Config{RAMSize: 1 << 20, Workload: &memtest.Idle{}})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		if err := m.Launch(); err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		save := func(vmstate string, nodes ...string) func(id string) error {
			return func(id string) error {
				return m.SnapshotSave(ctx, &qapi.SnapshotSaveArgs{JobID: id, Tag: "t", Vmstate: vmstate, Devices: nodes})
			}
		}
		load := func(nodes ...string) func(id string) error {
			return func(id string) error {
				return m.SnapshotLoad(ctx, &qapi.SnapshotLoadArgs{JobID: id, Tag: "t", Vmstate: "n0", Devices: nodes})
			}
		}
		remove := func(nodes ...string) func(id string) error {
			return func(id string) error {
				return m.SnapshotDelete(ctx, &qapi.SnapshotDeleteArgs{JobID: id, Tag: "t", Devices: nodes})
			}
		}
		for i, step := range []struct {
			start func(id string) error
			want  string // empty: the job succeeds
			state qapi.RunState
		}{
			{save("n0", "n0", "nope"), "No block device node 'nope'", "running"},
			{save("raw", "raw"), "Device 'raw' is writable but does not support snapshots", "running"},
			{save("raw", "n0"), "vmstate block device 'raw' does not exist", "running"},
			{remove(), "At least one device is required for snapshot", "running"},
			{remove("n0"), "", "running"},
			{save("n0", "n0"), "", "running"},
			{save("n0", "n0"), "Snapshot 't' already exists in one or more devices", "running"},
			{load("n0"), "", "running"},
			{remove("n0"), "", "running"},
			{load("n0"), "Snapshot 't' does not exist in one or more devices", "restore-vm"},
			{load("y"), "No block device node 'y'", "restore-vm"},
		} {
			id := "job" + string(rune('a'+i))
			if err := step.start(id); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			jobs, _ := m.QueryJobs(ctx)
			got := ""
			if jobs[0].Error != nil {
				got = *jobs[0].Error
			}
			if jobs[0].ID != id || got != step.want || jobs[0].CurrentProgress != 1 || jobs[0].TotalProgress != 1 {
				t.Errorf("%s: %+v, %s, want %s", id, jobs[0], got, step.want)
			}
			if s := m.RunState(); s != step.state {
				t.Errorf("%s: the VM is %s", id, s)
			}
		}
	})
}

// A machine of a QEMU is kept in a snapshot, and comes out of it as it was, also in
// the place of another state of it.
func TestSnapshotOfAdopted(t *testing.T) {
	captures, err := testdata.Captures()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range captures {
		if !strings.Contains(c.Name, "q35") {
			t.Run(c.Name, func(t *testing.T) { keepAdopted(t, c.Data, captures) })
		}
		// The QEMU that a machine of no version came from is known by its stream alone.
		unnamed := bytes.ReplaceAll(c.Data, []byte("pc-i440fx-7.2"), []byte("pc-i440fx-xyz"))
		if !bytes.Equal(unnamed, c.Data) {
			t.Run(c.Name+" without a version", func(t *testing.T) { keepAdopted(t, unnamed, captures) })
		}
	}
}

// keepAdopted keeps the machine that a stream brings, and has it sent as it would have been.
func keepAdopted(t *testing.T, stream []byte, all []testdata.Capture) {
	path := snapshotDisk(t)
	arrive := func(data []byte) *prover { return adopted(t, Config{Disks: disksOf(t, path)}, data) }
	first := arrive(stream)
	if err := first.SaveVM("parked"); err != nil {
		t.Fatal(err)
	}
	if err := first.LoadVM("parked"); err != nil { // in its own place
		t.Fatal(err)
	}
	want := first.sent(t)
	first.Close()
	again := &prover{Machine: NewRelay(Config{Disks: disksOf(t, path)}, adopt.New())}
	defer again.Close()
	if err := again.LaunchSnapshot("parked"); err != nil {
		t.Fatal(err)
	}
	if s := again.RunState(); s != qapi.RunStatePaused {
		t.Errorf("it is %s", s)
	}
	got := again.sent(t)
	if string(devices(got)) != string(devices(want)) || len(got) != len(want) {
		t.Errorf("%d bytes came out of it, not the %d that went in", len(got), len(want))
	}
	for _, c := range all {
		if strings.Contains(c.Name, "q35") {
			again.Close()
			said(t, c.Name, arrive(c.Data).LoadVM("parked"), "Error -22 while loading VM state")
			break
		}
	}
}
