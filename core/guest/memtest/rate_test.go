package memtest

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/core/memory"
)

// visitsIn runs m for d of a bubble's time and returns the visits of vCPU cpu.
func visitsIn(t *testing.T, m *Machine, cpu int, d time.Duration) uint64 {
	before := m.cpus[cpu].steps
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(d)
	synctest.Wait()
	m.Stop()
	return m.cpus[cpu].steps - before
}

func near(got uint64, want, share float64) bool {
	return float64(got) >= want*(1-share) && float64(got) <= want*(1+share)
}

func TestRate(t *testing.T) {
	for _, w := range []Workload{
		&Sweep{Rate: 100 << 20},
		&Stress{Rate: 100 << 20},
		&Stress{Rate: 4 << 20, Fill: 100},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := newMachine(t, Config{RAMSize: 4 << 20, Workload: w, VCPUs: 2})
			if err := m.Boot(t.Context()); err != nil {
				t.Fatal(err)
			}
			perSecond := float64(m.program.rate()) / memory.PageSize
			for _, d := range []time.Duration{100 * time.Millisecond, time.Second} {
				if got := visitsIn(t, m, 0, d); !near(got, perSecond*d.Seconds(), 0.1) {
					t.Errorf("%s: %d visits in %v, want %.0f", w.Name(), got, d, perSecond*d.Seconds())
				}
			}
			if w.Name() == "sweep" != (m.cpus[1].steps == 0) {
				t.Errorf("%s: vCPU 1 made %d visits", w.Name(), m.cpus[1].steps)
			}
			mustBeGood(t, m)
		})
	}
}

func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, Config{RAMSize: 4 << 20, Workload: &Stress{Rate: 100 << 20, UpdateSize: 8}})
		const perSecond = 100 << 20 / memory.PageSize
		for percent, want := range map[int]float64{-5: 1, 0: 1, 20: 0.8, 50: 0.5, 99: 0.01, 1000: 0.01} {
			m.SetThrottle(percent)
			if got := visitsIn(t, m, 0, 6*time.Second); !near(got, perSecond*6*want, 0.15) {
				t.Errorf("throttled by %d: %d visits, want %.0f", percent, got, perSecond*6*want)
			}
		}
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
		before := time.Now()
		m.Stop()
		if d := time.Since(before); d != 0 {
			t.Errorf("Stop of a resting vCPU took %v", d)
		}
	})
}

// BenchmarkRate measures rates in real time: by how much the worst window of
// 100 ms is off, and what it costs.
func BenchmarkRate(b *testing.B) {
	for _, w := range []Workload{NewSweep(), NewStress(), &Stress{Rate: 1 << 30, UpdateSize: 64}} {
		b.Run(fmt.Sprintf("%s-%d", w.Name(), w.start(&board{ram: newMachine(b, Config{}).board.ram, cpus: 1}).rate()>>20), func(b *testing.B) {
			m := newMachine(b, Config{RAMSize: 128 << 20, Workload: w})
			if err := m.Boot(b.Context()); err != nil {
				b.Fatal(err)
			}
			want := float64(m.program.rate()) / memory.PageSize / 10
			var worst float64
			for b.Loop() {
				before := m.cpus[0].steps
				if err := m.Start(); err != nil {
					b.Fatal(err)
				}
				time.Sleep(100 * time.Millisecond)
				m.Stop()
				off := float64(m.cpus[0].steps-before)/want*100 - 100
				if max(off, -off) > max(worst, -worst) {
					worst = off
				}
			}
			b.ReportMetric(worst, "worst-%-off")
		})
	}
}
