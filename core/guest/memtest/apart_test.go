package memtest

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/guest/child"
	"qmpmigrate/core/memory"
)

// eachEngine runs a test with the vCPUs here, and with them in a process of their own.
func eachEngine(t *testing.T, test func(t *testing.T, apart bool)) {
	for name, apart := range map[string]bool{"soft": false, "apart": true} {
		t.Run(name, func(t *testing.T) { test(t, apart) })
	}
}

// A process that runs vCPUs stops and starts, and what it wrote is seen here.
func TestApart(t *testing.T) {
	m := newMachine(t, Config{RAMSize: 4 << 20, VCPUs: 2, Workload: &Stress{Fill: 100}, Apart: true})
	for range 20 {
		before := m.steps()[0]
		mustStart(t, m)
		waitFor(t, func() bool { return m.progress(0) >= before+10 })
		m.Stop()
		mustBeGood(t, m)
	}
	ids := m.engine.threads()
	if len(ids) != 2 || ids[0] == ids[1] || ids[0]*ids[1] == 0 {
		t.Errorf("threads %v", ids)
	}
}

// The process runs vCPUs as well when it has given up its rights. Only root has
// any to give up.
func TestApartAsNobody(t *testing.T) {
	if unix.Getuid() != 0 {
		m, err := New(Config{RAMSize: 1 << 20, Apart: true, Inside: child.Identity{Root: "/proc"}})
		if err == nil || !strings.HasSuffix(err.Error(), "chroot failed") {
			t.Errorf("%v, %v", m, err)
		}
		return
	}
	const nobody = 65534
	m := newMachine(t, Config{RAMSize: 4 << 20, Workload: &Stress{Fill: 100}, Apart: true,
		Inside: child.Identity{Root: "/proc", User: true, UID: nobody, GID: nobody}})
	mustStart(t, m)
	waitFor(t, func() bool { return m.progress(0) >= 10 })
	m.Stop()
	mustBeGood(t, m)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.engine.(*apart).process.ID()))
	if want := fmt.Sprintf("\nUid:\t%d\t%[1]d\t%[1]d\t%[1]d\n", nobody); err != nil || !strings.Contains(string(status), want) {
		t.Errorf("%v: %s", err, status)
	}
}

// What the process writes enters the log, all of it and nothing twice.
func TestApartLog(t *testing.T) {
	m := newMachine(t, Config{RAMSize: 4 << 20, VCPUs: 2, Workload: &Stress{Fill: 100}, Apart: true})
	ram := m.Blocks()[0]
	mustStart(t, m)
	ram.StartLog()
	dirty := memory.NewBitmap(ram.Pages())
	waitFor(t, func() bool {
		ram.SyncLog(dirty)
		return dirty.Count() == ram.Pages()
	})
	m.Stop()
	mustBeGood(t, m)
	ram.SyncLog(dirty)
	if n := ram.SyncLog(dirty); n != 0 {
		t.Errorf("%d pages were written while the guest was stopped", n)
	}
}

// eachEngineB is eachEngine for benchmarks.
func eachEngineB(b *testing.B, name string, bench func(b *testing.B, apart bool)) {
	b.Run(name+"/soft", func(b *testing.B) { bench(b, false) })
	b.Run(name+"/apart", func(b *testing.B) { bench(b, true) })
}

// progress is how many visits a running vCPU has made, for who can live with an
// old number.
func (m *Machine) progress(cpu int) uint64 {
	if e, ok := m.engine.(*apart); ok {
		return e.page.slots[cpu].steps.Load()
	}
	return atomic.LoadUint64(&m.cpus[cpu].steps)
}

// A throttled vCPU rests, and one that is not any more goes on.
func TestApartThrottle(t *testing.T) {
	m := newMachine(t, Config{RAMSize: 4 << 20, Workload: &Stress{UpdateSize: 8}, Apart: true})
	mustStart(t, m)
	var before uint64
	goesOn := func() bool { return m.progress(0) > before }
	waitFor(t, goesOn)
	m.SetThrottle(99)
	waitFor(t, func() bool { // of a second it rests 990 ms
		before = m.progress(0)
		time.Sleep(300 * time.Millisecond)
		return !goesOn()
	})
	m.SetThrottle(0)
	waitFor(t, goesOn)
	m.Stop()
	mustBeGood(t, m)
}

// A process that dies is told, the machine can still be stopped and looked at,
// what was written until then is in the log, and it never starts again.
func TestProcessThatDies(t *testing.T) {
	died := make(chan error, 1)
	m := newMachine(t, Config{RAMSize: 4 << 20, Workload: &Stress{}, Apart: true, Died: func(err error) { died <- err }})
	ram := m.Blocks()[0]
	mustStart(t, m)
	ram.StartLog()
	waitFor(t, func() bool { return m.progress(0) > 100 })
	if err := unix.Kill(m.engine.(*apart).process.ID(), unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	const want = "the process of the vCPUs ended: signal: killed"
	if err := <-died; err == nil || err.Error() != want {
		t.Errorf("told %v", err)
	}
	m.Stop()
	dirty := memory.NewBitmap(ram.Pages())
	if ram.SyncLog(dirty); dirty.Count() != ram.Pages() {
		t.Errorf("%d pages count as written", dirty.Count())
	}
	if n := ram.SyncLog(dirty); n != 0 {
		t.Errorf("%d pages are written after its death", n)
	}
	ram.StopLog()
	verify(t, m)
	if err := m.Start(); err == nil || err.Error() != want {
		t.Errorf("started: %v", err)
	}
	// Its memory can be given contents: nobody waits for them.
	if err := ram.Guard().Guard(func(uint64, int) {}); err != nil {
		t.Error(err)
	}
	if err := ram.Guard().Place(5, bytes.Repeat([]byte{9}, memory.PageSize)); err != nil || ram.Page(5)[8] != 9 {
		t.Errorf("placed: %v", err)
	}
	if err := ram.Guard().PlaceZero(6, 1); err != nil {
		t.Error(err)
	}
	if err := ram.Guard().Unguard(); err != nil {
		t.Error(err)
	}
}

// Memory of a kind that no other process can map is refused.
func TestApartNeedsSharedMemory(t *testing.T) {
	ram, err := memory.New("mine", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{RAM: ram, Apart: true}); err == nil || !strings.Contains(err.Error(), "share=on") {
		t.Errorf("%v", err)
	}
}

// The system watches a page for one reason at a time: who comes second hears so, and takes nothing from the first.
func TestCountOrFreeze(t *testing.T) {
	m := newMachine(t, Config{RAMSize: 4 << 20, Apart: true, Workload: &Stress{Rate: 1 << 20, UpdateSize: 8}})
	if err := m.Boot(t.Context()); err != nil {
		t.Fatal(err)
	}
	ram, shared := m.Blocks()[0], m.engine.(*apart).memory
	all := func(uint64) bool { return true }
	for range 2 {
		if err := shared.Freeze(all); err != nil {
			t.Fatal(err)
		}
		if err := ram.StartCount(); err == nil {
			t.Error("writes are counted while they wait")
		}
		if err := shared.Thaw(); err != nil {
			t.Fatal(err)
		}
		if err := ram.StartCount(); err != nil {
			t.Fatal(err)
		}
		if err := shared.Freeze(all); err == nil {
			t.Error("writes wait while they are counted")
		}
		before := m.steps()[0]
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
		dirty := memory.NewBitmap(ram.Pages())
		ram.StartLog()
		waitFor(t, func() bool { return ram.SyncLog(dirty) > 0 })
		ram.StopLog()
		m.Stop()
		if n, made := ram.StopCount(), m.steps()[0]-before; n == 0 || n > made {
			t.Errorf("%d pages were counted in %d visits", n, made)
		}
	}
	mustBeGood(t, m)
}
