package memtest

import (
	"testing"

	"pgregory.net/rapid"
)

// Shares are disjoint and together the whole, and the inspector's way back
// from a page to its share is right.
func TestShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pages := rapid.Uint64Range(1, 5000).Draw(t, "pages")
		cpus := rapid.IntRange(1, MaxVCPUs).Draw(t, "cpus")
		var next uint64
		for cpu := range cpus {
			s := newSchedule(1, pages, cpu, cpus)
			if s.first != next {
				t.Fatalf("vCPU %d begins at %d, not at %d", cpu, s.first, next)
			}
			next += s.n
			for n := s.first; n < next; n++ {
				if got := ((n+1)*uint64(cpus) - 1) / pages; got != uint64(cpu) {
					t.Fatalf("page %d is vCPU %d's, not %d's", n, cpu, got)
				}
			}
		}
		if next != pages {
			t.Fatalf("shares end at %d of %d", next, pages)
		}
	})
}

// What generation says is what counting visits says.
func TestGenerationCountsVisits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pages := rapid.Uint64Range(1, 60).Draw(t, "pages")
		s := newSchedule(rapid.Uint64().Draw(t, "seed"), pages, 0, 1)
		steps := rapid.Uint64Range(0, 300).Draw(t, "steps")
		visits := make([]uint64, pages)
		for i := range steps {
			m := s.at(i)
			visits[m.order.page(m.done)]++
		}
		end := s.at(steps)
		for n, want := range visits {
			if got := end.generation(uint64(n)); got != want {
				t.Fatalf("page %d after %d steps: generation %d, but %d visits", n, steps, got, want)
			}
		}
	})
}
