package core

import (
	"errors"
	"testing"

	"qmpmigrate/core/announce"
	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
)

// sharedDisk is a disk that knows whose it is. It refuses to be taken when taken is set.
type sharedDisk struct {
	emptyDisk
	mine, taken bool
	flushes     int
}

func (d *sharedDisk) Flush() error      { d.flushes++; return nil }
func (d *sharedDisk) Inactivate() error { d.mine = false; return nil }
func (d *sharedDisk) Activate() error {
	if d.taken {
		return errors.New("in use")
	}
	d.mine = true
	return nil
}

// newShared makes a machine with such a disk, and tells what it reported.
func newShared(t *testing.T, c Config) (*Machine, *puppet, *sharedDisk, *[]string) {
	t.Helper()
	disk, reports := &sharedDisk{mine: true}, &[]string{}
	c.Disks = &block.Graph{}
	if err := c.Disks.AddNode(block.NewNode("d0", "raw", "d0", disk, false)); err != nil {
		t.Fatal(err)
	}
	c.Report = func(text string) { *reports = append(*reports, text) }
	m, guest, _ := newPuppet(t, c)
	return m, guest, disk, reports
}

// A source's disks are flushed when the VM stops, another's once all is sent,
// and its own again when the migration fails.
func TestSourceGivesItsDisksUp(t *testing.T) {
	m, guest, disk, _ := newShared(t, Config{})
	if err := m.Launch(); err != nil {
		t.Fatal(err)
	}
	m.StopForSwitchover()
	if !disk.mine || disk.flushes != 1 {
		t.Errorf("after the stop: mine %v, %d flushes", disk.mine, disk.flushes)
	}
	if err := m.ReleaseDisks(); err != nil || disk.mine {
		t.Fatal(disk.mine, err)
	}
	m.SwitchoverUndone(func() {})
	if !disk.mine || !guest.running {
		t.Errorf("undone: mine %v, running %v", disk.mine, guest.running)
	}
	// Done, and told to go on all the same.
	m.StopForSwitchover()
	_ = m.ReleaseDisks()
	m.SwitchoverDone(func() bool { return true })
	disk.taken = true
	if err := m.Cont(t.Context()); err == nil || err.Error() != "in use" || guest.running {
		t.Errorf("a destination has the disk: %v, running %v", err, guest.running)
	}
	disk.taken = false
	if err := m.Cont(t.Context()); err != nil || !disk.mine || !guest.running {
		t.Errorf("gone on: %v, mine %v", err, disk.mine)
	}
}

// Where a source cannot have its disks back the VM stays stopped.
func TestDisksThatDoNotComeBack(t *testing.T) {
	m, guest, disk, reports := newShared(t, Config{})
	if err := m.Launch(); err != nil {
		t.Fatal(err)
	}
	m.StopForSwitchover()
	_ = m.ReleaseDisks()
	disk.taken = true
	m.SwitchoverUndone(func() {})
	if guest.running || m.RunState() != qapi.RunStatePaused || len(*reports) != 1 {
		t.Errorf("running %v in %s, reported %q", guest.running, m.RunState(), *reports)
	}
	disk.taken = false
	if err := m.Cont(t.Context()); err != nil || !disk.mine {
		t.Errorf("cont: %v, mine %v", err, disk.mine)
	}
}

// A destination's disks are another's before the VM is there.
func TestDestinationTakesItsDisks(t *testing.T) {
	for _, c := range []struct {
		name               string
		paused, kept, busy bool
		running            bool
	}{
		{name: "runs", running: true},
		{name: "stopped", paused: true},
		{name: "its source is gone", kept: true},
		{name: "in use", busy: true},
	} {
		m, guest, disk, reports := newShared(t, Config{Incoming: true, Paused: c.paused})
		if disk.mine {
			t.Errorf("%s: mine at first", c.name)
		}
		disk.taken = c.busy
		m.global.store(qapi.RunStateRunning, false)
		settle := func() error { return m.IncomingLoaded(announce.Params{}) }
		if c.kept {
			settle = m.IncomingKept
		}
		if err := settle(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if disk.mine != c.running || guest.running != c.running || len(*reports) > 0 != c.busy {
			t.Errorf("%s: mine %v, running %v, reported %q", c.name, disk.mine, guest.running, *reports)
		}
		disk.taken = false
		if err := m.Cont(t.Context()); err != nil || !disk.mine || !guest.running {
			t.Errorf("%s: after cont mine %v, running %v: %v", c.name, disk.mine, guest.running, err)
		}
	}
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
