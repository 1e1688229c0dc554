package memtest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"qmpmigrate/core/memory"
)

// The vCPUs really run, are stopped and started over and over, look after
// their memory, and nothing of it moves while they are stopped.
func TestStopAndGo(t *testing.T) { eachEngine(t, stopAndGo) }

func stopAndGo(t *testing.T, apart bool) {
	for _, w := range []Workload{&Sweep{}, &Stress{Fill: 100, Entropy: 100}, &Stress{ZeroShare: 50, UpdateSize: 8}} {
		out := newTerminal()
		m := newMachine(t, Config{RAMSize: 2 << 20, VCPUs: 3, Workload: w, Serial: out, Apart: apart})
		ram := m.Blocks()[0]
		ram.StartLog()
		dirty := memory.NewBitmap(ram.Pages())
		for round := range 20 {
			if err := m.Start(); err != nil {
				t.Fatal(err)
			}
			if err := m.Start(); err != nil { // changes nothing
				t.Fatal(err)
			}
			for want := uint64(round+1) * 20; dirty.Count() < min(want, 200); {
				ram.SyncLog(dirty)
				runtime.Gosched()
			}
			m.Stop()
			m.Stop()
			mustBeGood(t, m)
			ram.SyncLog(dirty)
			if n := ram.SyncLog(dirty); n != 0 {
				t.Fatalf("%d pages were written while the guest was stopped", n)
			}
		}
	}
}

// Output reaches a real terminal while the guest runs.
func TestSweepRunsByItself(t *testing.T) { eachEngine(t, sweepRunsByItself) }

func sweepRunsByItself(t *testing.T, apart bool) {
	out := newTerminal()
	m := newMachine(t, Config{RAMSize: sweepRAM(10), Workload: &Sweep{}, Serial: out, Apart: apart})
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	out.wait(3)
	m.Stop()
	if text := out.String(); text[:3] != "ABB" {
		t.Errorf("output %q", text)
	}
}

// Others look at memory, and verify it, while the guest goes its way.
func TestOnlookers(t *testing.T) { eachEngine(t, onlookers) }

func onlookers(t *testing.T, apart bool) {
	m := newMachine(t, Config{RAMSize: 8 << 20, Workload: &Stress{Fill: 100}, Apart: apart})
	stop, done := make(chan struct{}), make(chan error, 2)
	onlooker := func(look func() error) {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
				if err := look(); err != nil {
					done <- err
					return
				}
				runtime.Gosched()
			}
		}
	}
	var b [16]byte
	go onlooker(func() error { return m.ReadPhys(4090, b[:]) })
	go onlooker(func() error {
		r, err := m.Verify(context.Background())
		if err == nil && r.Bad() != 0 {
			err = fmt.Errorf("%v", r.Findings)
		}
		if errors.Is(err, ErrRunning) {
			err = nil
		}
		return err
	})
	for range 20 {
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
		runtime.Gosched()
		m.Stop()
		mustBeGood(t, m)
	}
	close(stop)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// BenchmarkStop is how long Stop takes while the guest is busy.
func BenchmarkStop(b *testing.B) {
	for _, c := range []struct {
		name string
		w    Workload
	}{
		{"sweep", NewSweep()}, {"stress", NewStress()}, {"idle", &Idle{}},
		{"sweep-unbound", &Sweep{}}, {"stress-unbound", &Stress{Fill: 100}},
	} {
		eachEngineB(b, c.name, func(b *testing.B, apart bool) {
			m := newMachine(b, Config{RAMSize: 128 << 20, Workload: c.w, VCPUs: 2, Apart: apart})
			var worst, all time.Duration
			for b.Loop() {
				if err := m.Start(); err != nil {
					b.Fatal(err)
				}
				time.Sleep(3 * time.Millisecond)
				before := time.Now()
				m.Stop()
				d := time.Since(before)
				worst, all = max(worst, d), all+d
			}
			b.ReportMetric(float64(all.Microseconds())/float64(b.N), "us/stop")
			b.ReportMetric(float64(worst.Microseconds()), "us-worst")
		})
	}
}

// BenchmarkVisits is how many visits one vCPU makes: in memory that is warm,
// while writes are logged, where a round begins with a new log, and its first
// writes to pages that the other process filled.
func BenchmarkVisits(b *testing.B) {
	const size = 64 << 20
	for _, c := range []struct {
		name string
		w    Workload
	}{{"sweep", &Sweep{}}, {"stress", &Stress{Fill: 100}}, {"stress-64B", &Stress{Fill: 100, UpdateSize: 64}}} {
		for _, how := range []string{"warm", "logged", "first"} {
			eachEngineB(b, c.name+"/"+how, func(b *testing.B, apart bool) {
				var visits uint64
				var took time.Duration
				for b.Loop() {
					m, err := New(Config{RAMSize: size, Workload: c.w, Apart: apart})
					if err != nil {
						b.Fatal(err)
					}
					if err := m.Boot(b.Context()); err != nil {
						b.Fatal(err)
					}
					ram := m.Blocks()[0]
					dirty := memory.NewBitmap(ram.Pages())
					round := uint64(size / memory.PageSize)
					if c.name == "sweep" {
						round -= sweepFrom
					}
					if how != "first" {
						runTo(b, m, 3*round)
					}
					if how == "logged" {
						ram.StartLog()
					}
					from, before := m.steps()[0], time.Now()
					runTo(b, m, from+round)
					took += time.Since(before)
					visits += m.steps()[0] - from
					ram.SyncLog(dirty)
					ram.StopLog()
					m.Close()
				}
				b.ReportMetric(float64(took.Nanoseconds())/float64(visits), "ns/visit")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// runTo runs vCPU 0 until it has made so many visits.
func runTo(t tester, m *Machine, steps uint64) {
	t.Helper()
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return m.progress(0) >= steps })
	m.Stop()
}
