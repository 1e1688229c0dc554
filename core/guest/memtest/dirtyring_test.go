package memtest

import (
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/core/memory"
)

func TestDirtyRing(t *testing.T) {
	var c controls
	var a, other account
	in := memory.NewMarks(100)
	r, next := newDirtyRing(4, in, &c, &a), newDirtyRing(4, in, &c, &other)
	visit := func(r *dirtyRing, pages ...uint64) {
		t.Helper()
		for _, n := range pages {
			if !r.admit(n) {
				t.Errorf("page %d is not admitted", n)
			}
		}
	}
	visit(r, 1, 2, 3)
	if n := a.dirtied.Load(); n != 0 {
		t.Errorf("%d pages were counted while nobody counts", n)
	}
	c.counting.Store(true)
	visit(r, 1, 2, 1, 2)
	if n := a.dirtied.Load(); n != 2 {
		t.Errorf("%d pages were counted of two", n)
	}
	visit(next, 2, 7)
	if n := other.dirtied.Load(); n != 1 {
		t.Errorf("%d pages were counted of one that is in nobody's ring", n)
	}
	visit(r, 3, 4, 5) // the fifth empties the ring
	visit(r, 1)
	if n := a.dirtied.Load(); n != 6 || !in.Get(5) || in.Get(2) {
		t.Errorf("%d pages were counted around the ring's end", n)
	}
	c.harvests.Add(1)
	visit(r, 1, 5, 1, 5)
	if n := a.dirtied.Load(); n != 8 {
		t.Errorf("%d pages were counted after a harvest", n)
	}
}

func TestDirtyRingsTokens(t *testing.T) {
	var c controls
	var a account
	c.counting.Store(true)
	r := newDirtyRing(1024, memory.NewMarks(1<<20), &c, &a)
	now, page := time.Unix(0, 0), uint64(0)
	// most is how many pages are admitted now.
	most := func() (n int) {
		r.earn(now)
		for r.admit(page) {
			page++
			if n++; n == 10000 {
				break
			}
		}
		return n
	}
	if n := most(); n != 10000 {
		t.Errorf("%d pages without a limit", n)
	}
	a.limit.Store(1000)
	if n := most(); n != 0 {
		t.Errorf("%d pages when a limit begins", n)
	}
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{10 * time.Millisecond, 10}, {500 * time.Microsecond, 0}, {500 * time.Microsecond, 1}, {0, 0}, {time.Hour, 500}} {
		now = now.Add(step.wait)
		if n := most(); n != step.want {
			t.Errorf("%d pages after %v, want %d", n, step.wait, step.want)
		}
	}
	if !r.admit(page - 1) {
		t.Error("a page that is in the ring costs something")
	}
	// One that is lower than a token in all that may be saved up lets something pass, too.
	a.limit.Store(1)
	most()
	for range 3 {
		now = now.Add(time.Second)
		if n := most(); n != 1 {
			t.Errorf("%d pages a second, want 1", n)
		}
	}
	a.limit.Store(0)
	if n := most(); n != 10000 {
		t.Errorf("%d pages after the limit's end", n)
	}
	r = nil
	r.earn(now) // a machine without rings
}

// newRinged has vCPUs that write rate bytes a second each, all over 32 MiB.
func newRinged(t *testing.T, rate uint64, apart bool) *Machine {
	t.Helper()
	m := newMachine(t, Config{
		RAMSize: 32 << 20, VCPUs: 2, DirtyRing: 1024, Apart: apart,
		Workload: &Stress{Rate: rate, UpdateSize: 8},
	})
	if err := m.Boot(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m
}

// In a bubble's time limits are kept exactly: 50 MiB/s for one vCPU, while another writes as it likes.
func TestLimitedVCPU(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, free, seconds = 50 << 8, 400 << 8, 10
		m := newRinged(t, free*memory.PageSize, false)
		rings := m.DirtyRings()
		if rings.Size() != 1024 || rings.VCPUs() != 2 {
			t.Fatalf("rings of %d pages, %d", rings.Size(), rings.VCPUs())
		}
		rings.Limit(0, limit)
		if n := visitsIn(t, m, 0, time.Second); !near(n, free, 0.05) {
			t.Errorf("%d visits in a second while nobody counts", n)
		}
		rings.Count(true)
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(seconds * time.Second)
		synctest.Wait()
		m.Stop()
		limited, held := rings.Dirtied(0)
		if !near(limited, limit*seconds, 0.02) || held < 5*time.Second || held > seconds*time.Second {
			t.Errorf("limited to %d pages a second: %d in %d s, held for %v", limit, limited, seconds, held)
		}
		// A page that a round ends with and the next one begins with counts once.
		if n, held := rings.Dirtied(1); n < free*seconds/2 || held != 0 {
			t.Errorf("the other one: %d pages, held for %v", n, held)
		}
		rings.Limit(0, 0)
		if n := visitsIn(t, m, 0, time.Second); !near(n, free, 0.05) {
			t.Errorf("%d visits in a second after the end of the limit", n)
		}
		rings.Count(false)
		before, _ := rings.Dirtied(0)
		visitsIn(t, m, 0, time.Second)
		if n, _ := rings.Dirtied(0); n != before {
			t.Errorf("%d pages were counted while nobody counts", n-before)
		}
		mustBeGood(t, m)
	})
}

// A small set of pages that is written over and over costs its tokens once.
func TestPagesInTheRingAreFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, Config{RAMSize: 32 << 20, DirtyRing: 1024, Workload: &Stress{Rate: 40 << 20, UpdateSize: 8, WorkingSet: 2 << 20}})
		if err := m.Boot(t.Context()); err != nil {
			t.Fatal(err)
		}
		rings := m.DirtyRings()
		rings.Count(true)
		rings.Limit(0, 1024)
		visitsIn(t, m, 0, time.Second)
		if n := visitsIn(t, m, 0, time.Second); !near(n, 40<<8, 0.05) {
			t.Errorf("%d visits", n)
		}
		if n, _ := rings.Dirtied(0); n != 512 {
			t.Errorf("%d pages were dirtied of 512", n)
		}
		rings.Harvest()
		visitsIn(t, m, 0, time.Second)
		if n, _ := rings.Dirtied(0); n != 1024 {
			t.Errorf("%d pages were dirtied of 512 in two rounds", n)
		}
	})
}

// Wherever the vCPUs are they count, and dirty no more than they may.
func TestLimitHoldsInEachEngine(t *testing.T) {
	for name, apart := range map[string]bool{"soft": false, "apart": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const limit = 2560
			m := newRinged(t, 0, apart)
			rings := m.DirtyRings()
			rings.Limit(0, limit)
			rings.Count(true)
			began := time.Now()
			if err := m.Start(); err != nil {
				t.Fatal(err)
			}
			for deadline := began.Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
				n, held := rings.Dirtied(0)
				if most := (time.Since(began)+savings).Seconds()*limit + 1; float64(n) > most {
					t.Fatalf("%d pages, more than the %.0f that are allowed", n, most)
				}
				if free, never := rings.Dirtied(1); n > limit/4 && held > 0 && free > 4*n {
					if never != 0 {
						t.Errorf("the other one was held for %v", never)
					}
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%d pages, held for %v", n, held)
				}
			}
			rings.Limit(0, 0)
			m.Stop()
			mustBeGood(t, m)
			if err := m.Close(); err != nil {
				t.Fatal(err)
			}
			rings.Harvest()
			if n, _ := rings.Dirtied(0); n != 0 {
				t.Errorf("%d pages after the end", n)
			}
		})
	}
}

func TestDirtyRingSizes(t *testing.T) {
	for size, want := range map[int]string{
		-4:               "dirty-ring-size must be a power of two.",
		1000:             "dirty-ring-size must be a power of two.",
		2 * MaxDirtyRing: "dirty ring size 131072 too big (maximum is 65536).  Please use a smaller value.",
	} {
		if _, err := New(Config{RAMSize: 1 << 20, DirtyRing: size}); err == nil || err.Error() != want {
			t.Errorf("%d: %v", size, err)
		}
	}
	if m := newMachine(t, Config{RAMSize: 1 << 20}); m.DirtyRings() != nil {
		t.Error("a machine without rings has some")
	}
}
