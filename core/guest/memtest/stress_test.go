package memtest

import (
	"bytes"
	"compress/flate"
	"math"
	"testing"

	"pgregory.net/rapid"

	"qmpmigrate/core/memory"
)

func stressMachine(t tester, pages int, s Stress) *Machine {
	t.Helper()
	return newMachine(t, Config{RAMSize: uint64(pages) * memory.PageSize, VCPUs: 2, Workload: &s})
}

// Each way in which a page can be wrong is found, under its right name, and it
// is still found after the guest went on for a few rounds.
func TestStressFindings(t *testing.T) {
	const pages, victim = 64, 37
	for _, c := range []struct {
		name  string
		kind  Kind
		spoil func(b *memory.Block, before []byte)
	}{
		{"old generation", Stale, func(b *memory.Block, before []byte) { copy(b.Page(victim), before) }},
		{"second half old", Torn, func(b *memory.Block, before []byte) { copy(b.Page(victim)[2048:], before[2048:]) }},
		{"first half old", Torn, func(b *memory.Block, before []byte) { copy(b.Page(victim)[:2048], before) }},
		{"one bit", Torn, func(b *memory.Block, _ []byte) { b.Page(victim)[4095] ^= 0x10 }},
		{"half of it zero", Torn, func(b *memory.Block, _ []byte) { clear(b.Page(victim)[2048:]) }},
		{"other page", Swapped, func(b *memory.Block, _ []byte) { copy(b.Page(victim), b.Page(41)) }},
		{"never came", Lost, func(b *memory.Block, _ []byte) { _ = b.Discard(victim, 1) }},
		{"zeros", Zeroed, func(b *memory.Block, _ []byte) { clear(b.Page(victim)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := stressMachine(t, pages, Stress{Fill: 100, Entropy: 50, Seed: 3, UpdateSize: 512})
			if c.name == "first half old" {
				// Only then do the generations differ in the second half too.
				m = stressMachine(t, pages, Stress{Fill: 100, Entropy: 50, Seed: 3})
			}
			b := m.Blocks()[0]
			advance(t, m, 0, 100)
			advance(t, m, 1, 32*3)
			before := bytes.Clone(b.Page(victim))
			advance(t, m, 1, 32)
			mustBeGood(t, m)
			c.spoil(b, before)
			for range 4 {
				r := verify(t, m)
				if r.Pages != pages || r.Bad() != 1 || r.Count(c.kind) != 1 || len(r.Findings) != 1 ||
					r.Findings[0].Kind != c.kind || r.Findings[0].Page != victim {
					t.Fatalf("found %+v", r)
				}
				advance(t, m, 1, 33)
			}
		})
	}
}

func TestStressAhead(t *testing.T) {
	m := stressMachine(t, 16, Stress{Fill: 100})
	advance(t, m, 0, 8)
	m.cpus[0].steps--
	if r := verify(t, m); r.Bad() != 1 || r.Count(Ahead) != 1 {
		t.Errorf("found %+v", r)
	}
}

// A page whose zeros are those of its last visit but one is stale, not zeroed;
// and one that should have become zero is stale too.
func TestStressStaleZeros(t *testing.T) {
	m := stressMachine(t, 64, Stress{Fill: 100, ZeroShare: 50, Seed: 5})
	s := m.program.(*stress)
	advance(t, m, 0, 32)
	var toZero, fromZero uint64 = math.MaxUint64, math.MaxUint64
	for n := range uint64(32) {
		switch {
		case !s.zeroAt(n, 1) && s.zeroAt(n, 2):
			toZero = n
		case s.zeroAt(n, 1) && !s.zeroAt(n, 2):
			fromZero = n
		}
	}
	b := m.Blocks()[0]
	old := bytes.Clone(b.Page(toZero))
	advance(t, m, 0, 32)
	mustBeGood(t, m)
	copy(b.Page(toZero), old)
	clear(b.Page(fromZero))
	r := verify(t, m)
	if r.Bad() != 2 || r.Count(Stale) != 2 {
		t.Errorf("found %+v", r)
	}
}

// Whatever the options and wherever it stops, memory is good.
func TestStressIsGoodAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Stress{
			Seed:       rapid.Uint64().Draw(t, "seed"),
			WorkingSet: rapid.Uint64Range(0, 50*memory.PageSize).Draw(t, "set"),
			UpdateSize: rapid.Uint16Range(0, 5000).Draw(t, "update"),
			Fill:       rapid.Uint8Range(0, 100).Draw(t, "fill"),
			ZeroShare:  rapid.Uint8Range(0, 100).Draw(t, "zero"),
			Entropy:    rapid.Uint8Range(0, 100).Draw(t, "entropy"),
		}
		cpus := rapid.IntRange(1, 5).Draw(t, "cpus")
		m := newMachine(t, Config{RAMSize: 40 * memory.PageSize, VCPUs: cpus, Workload: &s})
		for cpu := range cpus {
			advance(t, m, cpu, rapid.IntRange(0, 120).Draw(t, "steps"))
		}
		mustBeGood(t, m)
		m.Reset()
		for cpu := range cpus {
			advance(t, m, cpu, rapid.IntRange(0, 120).Draw(t, "steps after reset"))
		}
		mustBeGood(t, m)
	})
}

func TestStressKeepsToItsWorkingSet(t *testing.T) {
	m := stressMachine(t, 100, Stress{WorkingSet: 10 * memory.PageSize})
	advance(t, m, 0, 100)
	advance(t, m, 1, 100)
	for n := range m.Blocks()[0].Pages() {
		if got := m.Blocks()[0].Populated(n); got != (n < 10) {
			t.Errorf("page %d: populated is %v", n, got)
		}
	}
}

// Each of the shares is measured after the fill and after some rounds.
func TestStressShares(t *testing.T) {
	const pages = 2048
	for _, c := range []Stress{
		{Fill: 100, Entropy: 100},
		{Fill: 100, Entropy: 30, ZeroShare: 25, UpdateSize: 200},
		{Fill: 60, Entropy: 75, ZeroShare: 10},
		{Fill: 0, Entropy: 0},
	} {
		m := stressMachine(t, pages, c)
		for rounds := range 3 {
			advance(t, m, 0, pages/2*rounds)
			advance(t, m, 1, pages/2*rounds)
			zero, packed := shares(m)
			want := float64(c.ZeroShare)
			if rounds == 0 {
				want = 100 - float64(c.Fill)*(1-float64(c.ZeroShare)/100)
			}
			if math.Abs(zero-want) > 4 {
				t.Errorf("%+v: %.1f %% of pages are zero, want %.0f", c, zero, want)
			}
			if zero < 100 && math.Abs(packed-float64(c.Entropy)) > 4 {
				t.Errorf("%+v: pages compress to %.1f %%", c, packed)
			}
		}
	}
}

// shares is how many of 100 pages are zero, and to how many percent a sample
// of the others compresses.
func shares(m *Machine) (zero, packed float64) {
	b := m.Blocks()[0]
	var size, sample int
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, flate.DefaultCompression)
	for n := range b.Pages() {
		if pageAt(b.Bytes(), n).zero() {
			zero++
			continue
		}
		if sample < 40 {
			sample++
			out.Reset()
			w.Reset(&out)
			_, _ = w.Write(b.Page(n))
			_ = w.Close()
			size += out.Len()
		}
	}
	return zero / float64(b.Pages()) * 100, float64(size) / float64(sample*memory.PageSize) * 100
}

func TestStressDoesNotTouchWhatStaysZero(t *testing.T) {
	m := stressMachine(t, 1000, Stress{Fill: 10, ZeroShare: 10, WorkingSet: memory.PageSize})
	advance(t, m, 0, 0)
	for n := range m.Blocks()[0].Pages() {
		if m.Blocks()[0].Populated(n) && pageAt(m.Blocks()[0].Bytes(), n).zero() {
			t.Fatalf("page %d was written with zeros", n)
		}
	}
}

func TestVisitsDoNotAllocate(t *testing.T) {
	for _, w := range []Workload{
		&Sweep{},
		&Stress{Fill: 100, Entropy: 100},
		&Stress{Fill: 50, ZeroShare: 30, UpdateSize: 64},
	} {
		m := newMachine(t, Config{RAMSize: 2 << 20, Workload: w})
		advance(t, m, 0, 300)
		walker := m.program.walker(0, 300)
		if n := testing.AllocsPerRun(2000, func() { walker.step() }); n != 0 {
			t.Errorf("%s: %v allocations per visit", w.Name(), n)
		}
	}
}

func BenchmarkStressVisit(b *testing.B) {
	for _, c := range []struct {
		name   string
		stress Stress
	}{
		{"whole", Stress{Fill: 100, Entropy: 100}},
		{"64B", Stress{Fill: 100, Entropy: 100, UpdateSize: 64}},
		{"zero20", Stress{Fill: 100, Entropy: 100, ZeroShare: 20}},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := newMachine(b, Config{RAMSize: 256 << 20, Workload: &c.stress})
			advance(b, m, 0, 0)
			w := m.program.walker(0, 0)
			b.SetBytes(memory.PageSize)
			b.ReportAllocs()
			for b.Loop() {
				w.step()
			}
		})
	}
}

// BenchmarkBoot fills memory that was never touched.
func BenchmarkBoot(b *testing.B) {
	const size = 1 << 30
	b.SetBytes(size)
	for b.Loop() {
		m, err := New(Config{RAMSize: size, Workload: NewStress()})
		if err != nil {
			b.Fatal(err)
		}
		advance(b, m, 0, 0)
		if err := m.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	const size = 1 << 30
	m := newMachine(b, Config{RAMSize: size, Workload: NewStress()})
	advance(b, m, 0, 1000)
	b.SetBytes(size)
	for b.Loop() {
		mustBeGood(b, m)
	}
}
