package memtest

import (
	"testing"

	"qmpmigrate/core/memory"
)

// absent is a memory of which no page is there until it is let in.
type absent struct {
	asked chan ask
	there chan struct{} // closed: all pages are there
}

type ask struct {
	page uint64
	cpu  int
}

func (a *absent) Wait(n uint64, cpu int, stop <-chan struct{}) bool {
	select {
	case <-a.there:
		return true
	case a.asked <- ask{n, cpu}:
	case <-stop:
		return false
	}
	select {
	case <-a.there:
		return true
	case <-stop:
		return false
	}
}

// A vCPU asks for the page that it is about to visit, makes no visit before it
// is there, and does not keep Stop waiting.
func TestVisitsWaitForTheirPage(t *testing.T) {
	for _, w := range []Workload{&Sweep{}, &Stress{}} {
		a := &absent{make(chan ask), make(chan struct{})}
		m := newMachine(t, Config{RAMSize: sweepRAM(8), VCPUs: 2, Workload: w})
		ram := m.Blocks()[0]
		ram.SetAbsence(a)
		for range 3 {
			mustStart(t, m)
			got := <-a.asked
			if want := m.program.walker(got.cpu, 0).page(); got.page != want {
				t.Errorf("%s: vCPU %d asks for page %d, want %d", w.Name(), got.cpu, got.page, want)
			}
			m.Stop()
			for n := range ram.Pages() {
				if ram.Populated(n) {
					t.Fatalf("%s: page %d was visited", w.Name(), n)
				}
			}
		}
		close(a.there)
		dirty := memory.NewBitmap(ram.Pages())
		ram.StartLog()
		mustStart(t, m)
		for dirty.Count() == 0 {
			ram.SyncLog(dirty)
		}
		m.Stop()
		mustBeGood(t, m)
	}
}
