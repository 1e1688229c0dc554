package memtest

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"testing"
)

// fakeDisk is a disk in memory.
type fakeDisk struct {
	mu     sync.Mutex
	data   []byte
	broken error
}

func (d *fakeDisk) Size() int64 { return int64(len(d.data)) }

func (d *fakeDisk) Peek(p []byte, off int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return copy(p, d.data[off:]), nil
}

func (d *fakeDisk) WriteAt(p []byte, off int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken != nil {
		return 0, d.broken
	}
	return copy(d.data[off:], p), nil
}

// advanceDisk makes the guest write n pieces.
func advanceDisk(t *testing.T, m *Machine, n int) {
	t.Helper()
	p := make([]byte, pieceSize)
	for range n {
		if err := m.disk.step(p); err != nil {
			t.Fatal(err)
		}
	}
}

func verifyDisk(t *testing.T, m *Machine) *Report {
	t.Helper()
	r, err := m.VerifyDisk(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A guest that is moved with its disk goes on writing where it was, and what is
// wrong with a disk that came is found.
func TestDiskMovesWithTheGuest(t *testing.T) {
	const pieces = 37
	from := newMachine(t, Config{RAMSize: 1 << 20, Disk: &fakeDisk{data: make([]byte, pieces*pieceSize+100)}})
	if r := verifyDisk(t, from); r.Pages != 0 || r.Bad() != 0 {
		t.Errorf("before the first piece: %+v", r)
	}
	advanceDisk(t, from, 2*pieces+11)
	if r := verifyDisk(t, from); r.Pages != pieces || r.Bad() != 0 {
		t.Errorf("%d pieces, %v", r.Pages, r.Findings)
	}
	disk := &fakeDisk{data: slices.Clone(from.disk.disk.(*fakeDisk).data)}
	to := newMachine(t, Config{RAMSize: 1 << 20, Disk: disk, Incoming: true})
	move(t, from, to)
	advanceDisk(t, to, 3)
	if r := verifyDisk(t, to); r.Pages != pieces || r.Bad() != 0 {
		t.Errorf("moved: %d pieces, %v", r.Pages, r.Findings)
	}
	// The disk as it was at the source, three pieces ago.
	copy(disk.data, from.disk.disk.(*fakeDisk).data)
	if r := verifyDisk(t, to); r.Count(Stale) != 3 || r.Bad() != 3 {
		t.Errorf("an old disk: %v", r.Findings)
	}
	clear(disk.data[:pieceSize])
	copy(disk.data[pieceSize:], disk.data[2*pieceSize:3*pieceSize])
	disk.data[5*pieceSize-1] ^= 1
	r := verifyDisk(t, to)
	for piece, kind := range map[uint64]Kind{0: Zeroed, 1: Swapped, 4: Torn} {
		if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Page == piece && f.Kind == kind }) {
			t.Errorf("piece %d is not %s: %v", piece, kind, r.Findings)
		}
	}
	other := newMachine(t, Config{RAMSize: 1 << 20, Disk: &fakeDisk{data: make([]byte, pieceSize)}, Incoming: true})
	if err := loadDevices(other.Devices(), bytes.NewReader(saveDevices(t, from))); err == nil {
		t.Error("a disk of another length was taken")
	}
}

// It writes while the guest runs, and no longer.
func TestDiskIsWrittenWhileTheGuestRuns(t *testing.T) {
	disk := &fakeDisk{data: make([]byte, 64*pieceSize)}
	failed := make(chan error, 1)
	m := newMachine(t, Config{RAMSize: 1 << 20, Workload: &Idle{}, Disk: disk, DiskRate: 64 << 20, DiskFailed: func(err error) { failed <- err }})
	mustStart(t, m)
	waitFor(t, func() bool { return m.disk.steps.Load() > 100 })
	if _, err := m.VerifyDisk(t.Context()); !errors.Is(err, ErrRunning) {
		t.Errorf("while it runs: %v", err)
	}
	m.Stop()
	before := slices.Clone(disk.data)
	if r := verifyDisk(t, m); r.Pages != 64 || r.Bad() != 0 {
		t.Errorf("%d pieces, %v", r.Pages, r.Findings)
	}
	disk.broken = errors.New("broken")
	mustStart(t, m)
	if err := <-failed; !errors.Is(err, disk.broken) {
		t.Errorf("told %v", err)
	}
	m.Stop()
	if r := verifyDisk(t, m); r.Bad() != 0 || !slices.Equal(before, disk.data) {
		t.Errorf("after a failure: %v", r.Findings)
	}
	m.Reset()
	if r := verifyDisk(t, m); r.Pages != 0 {
		t.Errorf("after a reset %d pieces count", r.Pages)
	}
}

func TestNoDisk(t *testing.T) {
	m := newMachine(t, Config{RAMSize: 1 << 20})
	if _, err := m.VerifyDisk(t.Context()); !errors.Is(err, ErrNoDisk) {
		t.Error(err)
	}
}
