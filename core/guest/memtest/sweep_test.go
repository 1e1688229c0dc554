package memtest

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"qmpmigrate/core/memory"
)

// sweepRAM is a RAM size with n pages to sweep.
func sweepRAM(n int) uint64 { return 1<<20 + uint64(n)*memory.PageSize }

func firstBytes(m *Machine) (all []byte) {
	mem := m.Blocks()[0].Bytes()
	for i := 1 << 20; i < len(mem); i += memory.PageSize {
		all = append(all, mem[i])
	}
	return all
}

func TestSweepGoesOverTheUsualPages(t *testing.T) {
	m := newMachine(t, Config{RAMSize: 150 << 20})
	ram := m.Blocks()[0]
	advance(t, m, 0, 25344)
	for n := range ram.Pages() {
		if want := n >= 0x100000/4096 && n < 0x6400000/4096; ram.Populated(n) != want {
			t.Fatalf("page 0x%x: populated is %v", n, !want)
		}
	}
	advance(t, m, 0, 1)
	if got := firstBytes(m); got[0] != 1 || got[1] != 0 {
		t.Errorf("after one visit of the first round: %v", got[:2])
	}
}

// The output and the bytes that a harness looks at, step by step.
func TestSweepIsTheUsualGuest(t *testing.T) {
	const pages = 5
	out := newTerminal()
	m := newMachine(t, Config{RAMSize: sweepRAM(pages), Serial: out})
	ram := m.Blocks()[0]
	for n := range ram.Pages() {
		copy(ram.Page(n), "\xffrest stays")
		ram.MarkWritten(n)
	}
	advance(t, m, 0, 3)
	if got := firstBytes(m); !bytes.Equal(got, []byte{0, 0, 0, 0xff, 0xff}) {
		t.Errorf("in the zero pass: %x", got)
	}
	advance(t, m, 0, 2+pages*64)
	if got := out.String(); got != "A" {
		t.Errorf("before the first page of round 65: %q", got)
	}
	advance(t, m, 0, 3)
	if got := firstBytes(m); !bytes.Equal(got, []byte{65, 65, 65, 64, 64}) {
		t.Errorf("in round 65: %d", got)
	}
	advance(t, m, 0, pages*64*3)
	if got := out.String(); got != "ABBBB" {
		t.Errorf("after 256 rounds: %q", got)
	}
	if got := firstBytes(m); !bytes.Equal(got, []byte{1, 1, 1, 0, 0}) {
		t.Errorf("after 257 rounds: %d", got)
	}
	if !bytes.HasPrefix(ram.Page(257)[1:], []byte("rest stays")) {
		t.Error("more than byte 0 was written")
	}
	if !bytes.HasPrefix(ram.Page(255), []byte("\xffrest")) {
		t.Error("a page below 1 MiB was written")
	}
	mustBeGood(t, m)
}

// Wherever it stops: bytes in ascending order step down by one at most once.
func TestSweepInvariant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pages := rapid.IntRange(1, 40).Draw(t, "pages")
		m := newMachine(t, Config{RAMSize: sweepRAM(pages)})
		advance(t, m, 0, pages+rapid.IntRange(0, 260*pages).Draw(t, "steps"))
		all := firstBytes(m)
		down := 0
		for i := 1; i < len(all); i++ {
			switch all[i-1] - all[i] {
			case 0:
			case 1:
				down++
			default:
				t.Fatalf("page %d: %d after %d", i, all[i], all[i-1])
			}
		}
		if down > 1 {
			t.Fatalf("%d steps down: %d", down, all)
		}
		mustBeGood(t, m)
	})
}

func TestSweepFindings(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		spoil func(m *Machine, n uint64)
	}{
		{Stale, func(m *Machine, n uint64) { m.board.ram.Page(n)[0]-- }},
		{Ahead, func(m *Machine, n uint64) { m.board.ram.Page(n)[0]++ }},
		{Lost, func(m *Machine, n uint64) { _ = m.board.ram.Discard(n, 1) }},
	} {
		m := newMachine(t, Config{RAMSize: sweepRAM(20)})
		advance(t, m, 0, 20+20*7+3)
		mustBeGood(t, m)
		c.spoil(m, sweepFrom+9)
		r := verify(t, m)
		if r.Pages != 20 || r.Bad() != 1 || r.Count(c.kind) != 1 || r.Findings[0].Page != sweepFrom+9 {
			t.Errorf("%v: %+v", c.kind, r)
		}
	}
}

// Before the zero pass is over, the rest of memory may hold anything.
func TestSweepVerifiesTheZeroPass(t *testing.T) {
	m := newMachine(t, Config{RAMSize: sweepRAM(20)})
	for n := range uint64(20) {
		m.board.ram.Page(sweepFrom + n)[0] = 9
		m.board.ram.MarkWritten(sweepFrom + n)
	}
	advance(t, m, 0, 12)
	if r := verify(t, m); r.Pages != 12 || r.Bad() != 0 {
		t.Errorf("%+v", r)
	}
}

func TestSweepInLittleMemory(t *testing.T) {
	out := newTerminal()
	m := newMachine(t, Config{RAMSize: 1 << 20, Serial: out, VCPUs: 3})
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	m.Stop()
	if r := verify(t, m); r.Pages != 0 || out.String() != "" {
		t.Errorf("%+v, output %q", r, out)
	}
}

func BenchmarkSweep(b *testing.B) {
	for _, logging := range []string{"quiet", "logged"} {
		b.Run(logging, func(b *testing.B) {
			m := newMachine(b, Config{RAMSize: 128 << 20})
			advance(b, m, 0, 25344)
			if logging == "logged" {
				m.Blocks()[0].StartLog()
			}
			m.serial.start()
			w := m.program.walker(0, 25344)
			b.SetBytes(memory.PageSize)
			b.ReportAllocs()
			for b.Loop() {
				w.step()
			}
		})
	}
}
