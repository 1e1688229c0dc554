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
func TestStopAndGo(t *testing.T) {
	for _, w := range []Workload{&Sweep{}, &Stress{Fill: 100, Entropy: 100}, &Stress{ZeroShare: 50, UpdateSize: 8}} {
		out := newTerminal()
		m := newMachine(t, Config{RAMSize: 2 << 20, VCPUs: 3, Workload: w, Serial: out})
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
func TestSweepRunsByItself(t *testing.T) {
	out := newTerminal()
	m := newMachine(t, Config{RAMSize: sweepRAM(10), Workload: &Sweep{}, Serial: out})
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
func TestOnlookers(t *testing.T) {
	m := newMachine(t, Config{RAMSize: 8 << 20, Workload: &Stress{Fill: 100}})
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
		b.Run(c.name, func(b *testing.B) {
			m := newMachine(b, Config{RAMSize: 128 << 20, Workload: c.w, VCPUs: 2})
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
