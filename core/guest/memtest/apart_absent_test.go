package memtest

import (
	"bytes"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/memory"
	"qmpmigrate/tests/hugepages"
)

// afar is the source of pages of a guest that runs already.
type afar struct {
	from, to *memory.Block
	host     uint64 // pages of a host page

	mu     sync.Mutex
	placed []bool
	left   int
	queue  []uint64
	wake   chan struct{}
	faults map[int]int // by vCPU
	err    error
}

func newAfar(from, to *memory.Block) *afar {
	host := to.HostPage() / memory.PageSize
	n := int(to.Pages() / host)
	return &afar{from: from, to: to, host: host, placed: make([]bool, n), left: n, wake: make(chan struct{}, 1), faults: map[int]int{}}
}

func (a *afar) fault(page uint64, cpu int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if page%a.host == 0 && !a.placed[page/a.host] {
		a.queue = append(a.queue, page/a.host)
		a.faults[cpu]++
	}
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// serve places what was asked for, and after every some of these a page that nobody asked for.
func (a *afar) serve(background int) {
	random := rand.New(rand.NewPCG(1, 2))
	for served := 0; ; {
		a.mu.Lock()
		var next uint64
		switch {
		case a.left == 0 || a.err != nil:
			a.mu.Unlock()
			return
		case len(a.queue) > 0:
			next, a.queue = a.queue[0], a.queue[1:]
			served++
		case background > 0 && served >= background:
			served = 0
			for next = random.Uint64N(uint64(len(a.placed))); a.placed[next]; {
				next = (next + 1) % uint64(len(a.placed))
			}
		default:
			a.mu.Unlock()
			<-a.wake
			continue
		}
		if a.placed[next] {
			a.mu.Unlock()
			continue
		}
		a.placed[next] = true
		a.left--
		a.mu.Unlock()
		if err := a.place(next); err != nil {
			a.mu.Lock()
			a.err = err
			a.mu.Unlock()
		}
	}
}

func (a *afar) place(n uint64) error {
	data := a.from.Bytes()[n*a.host*memory.PageSize:][:a.host*memory.PageSize]
	g := a.to.Guard()
	if bytes.Count(data, []byte{0}) == len(data) {
		return g.PlaceZero(n*a.host, a.host)
	}
	return g.Place(n*a.host, data)
}

// newRAM is memory of pages of the usual size, or of 2 MiB.
func newRAM(t *testing.T, size uint64, huge bool) *memory.Block {
	t.Helper()
	flags := unix.MFD_CLOEXEC
	if huge {
		flags |= unix.MFD_HUGETLB | 21<<unix.MFD_HUGE_SHIFT
	}
	fd, err := unix.MemfdCreate("ram", flags)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "ram")
	defer f.Close()
	if err := f.Truncate(int64(size)); err != nil {
		t.Fatal(err)
	}
	b, err := memory.NewBacked(BlockName, size, memory.Backing{File: f, Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A guest goes on where none of its memory is yet, and gets thousands of pages
// as its vCPUs touch them: nothing of it is lost, and it can be stopped and
// started at any time meanwhile, also by a reset.
func TestRunsWithoutItsMemory(t *testing.T) {
	for _, c := range []struct {
		name       string
		size       uint64
		huge       bool
		background int
	}{
		{"4k", 24 << 20, false, 0},
		{"4k with background", 24 << 20, false, 3},
		{"2m", 64 << 20, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.huge {
				hugepages.Reserve(t, int(c.size>>21))
			}
			const cpus = 4
			w := &Stress{Fill: 80, ZeroShare: 20, Entropy: 50, Seed: 7}
			from := newMachine(t, Config{RAMSize: c.size, VCPUs: cpus, Workload: w})
			for cpu := range cpus {
				advance(t, from, cpu, 100+777*cpu)
			}
			ram := newRAM(t, c.size, c.huge)
			if huge := ram.HostPage() == memory.HugePage; huge != c.huge {
				t.Fatalf("host pages of %d", ram.HostPage())
			}
			to := newMachine(t, Config{RAM: ram, VCPUs: cpus, Incoming: true, Apart: true})
			if err := loadDevices(to.Devices(), bytes.NewReader(saveDevices(t, from))); err != nil {
				t.Fatal(err)
			}
			a := newAfar(from.Blocks()[0], ram)
			if err := ram.Guard().Guard(a.fault); err != nil {
				t.Fatal(err)
			}
			// Nobody answers yet: all vCPUs wait, and yet can be stopped.
			for range 3 {
				mustStart(t, to)
				waitFor(t, func() bool {
					a.mu.Lock()
					defer a.mu.Unlock()
					return len(a.faults) == cpus
				})
				to.Stop()
			}
			if got, want := to.steps(), from.steps(); got[0] != want[0] || got[3] != want[3] {
				t.Errorf("vCPUs whose pages are absent went from %d to %d", want, got)
			}
			served := make(chan struct{})
			go func() {
				a.serve(c.background)
				close(served)
			}()
			mustStart(t, to)
			for done := false; !done; {
				select {
				case <-served:
					done = true
				case <-time.After(3 * time.Millisecond):
					// Any moment will do.
					to.Stop()
					mustStart(t, to)
				}
			}
			to.Stop()
			if a.err != nil {
				t.Fatal(a.err)
			}
			if err := ram.Guard().Unguard(); err != nil {
				t.Fatal(err)
			}
			mustBeGood(t, to)
			mustStart(t, to)
			before := to.steps()[1]
			waitFor(t, func() bool { return to.progress(1) > before })
			to.Stop()
			mustBeGood(t, to)
			a.mu.Lock()
			defer a.mu.Unlock()
			t.Logf("faults by vCPU: %v", a.faults)
			if len(a.faults) != cpus || a.faults[memory.NoCPU] != 0 {
				t.Errorf("faults by vCPU: %v", a.faults)
			}
		})
	}
}

// A reset while vCPUs wait for pages begins anew, and those who come too late do no harm.
func TestResetWhileWaiting(t *testing.T) {
	const cpus = 3
	ram := newRAM(t, 8<<20, false)
	m := newMachine(t, Config{RAM: ram, VCPUs: cpus, Incoming: true, Apart: true, Workload: &Stress{}})
	a := newAfar(ram, ram)
	if err := ram.Guard().Guard(a.fault); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		mustStart(t, m)
		waitFor(t, func() bool {
			a.mu.Lock()
			defer a.mu.Unlock()
			return len(a.faults) == cpus
		})
		m.Stop()
		for i := range m.cpus {
			m.cpus[i].steps += 1000
		}
	}
	if err := ram.Guard().PlaceZero(0, ram.Pages()); err != nil {
		t.Fatal(err)
	}
	if err := ram.Guard().Unguard(); err != nil {
		t.Fatal(err)
	}
	m.Reset()
	mustStart(t, m)
	for i := range cpus {
		waitFor(t, func() bool { return m.progress(i) > 50 })
	}
	m.Stop()
	mustBeGood(t, m)
}

// What does not come is never zeros, even where whoever could bring it is no more.
func TestWaitsForEver(t *testing.T) {
	const cpus = 2
	ram := newRAM(t, 8<<20, false)
	m := newMachine(t, Config{RAM: ram, VCPUs: cpus, Incoming: true, Apart: true, Workload: &Stress{}})
	a := newAfar(ram, ram)
	if err := ram.Guard().Guard(a.fault); err != nil {
		t.Fatal(err)
	}
	mustStart(t, m)
	waitFor(t, func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.faults) == cpus
	})
	before := m.progress(0) + m.progress(1)
	m.engine.(*apart).memory.Faults.Close() // as the end of the process does
	for end := time.Now().Add(50 * time.Millisecond); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if now := m.progress(0) + m.progress(1); now != before {
			t.Fatalf("vCPUs went from %d to %d", before, now)
		}
	}
	m.Stop()
}

// waitFor returns once something is so.
func waitFor(t tester, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come to pass")
		}
	}
}
