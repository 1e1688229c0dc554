package inspect

import (
	"bytes"
	"testing"

	"qmpmigrate/core/wire"
)

// read reads a stream that is fine.
func read(t *testing.T, name string, data []byte) *Report {
	t.Helper()
	r, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	accounted(t, name, r, data)
	return r
}

func TestRecords(t *testing.T) {
	s := newBuilder().head("m").ramStart().ramPart()
	s.record(0, wire.RAMHook).record(0, wire.RAMMultiFDFlush)
	s.record(0, wire.RAMPage).name("rom").page()
	s.record(0, wire.RAMCompressPage|wire.RAMContinue).u32(3).raw(1, 2, 3)
	s.record(0, wire.RAMXBZRLE|wire.RAMContinue).raw(1, 0, 0)
	s.record(0x1000, wire.RAMZero|wire.RAMContinue).raw(0xaa).eos().footer(ramID)
	r := read(t, "records", s.finish())
	want := Pages{Normal: 1, Zero: 1, XBZRLE: 1, Compressed: 1}
	if r.RAM.Blocks[1].Part != want || r.RAM.Blocks[0].Part != (Pages{}) || r.RAM.Pages != want {
		t.Errorf("%+v", r.RAM)
	}
}

// Without compiled-in knowledge of huge pages the list of blocks is still read
// right: a page size is where the summary in ADVISE allows one.
func TestHugePages(t *testing.T) {
	advise := func(summary uint32) *builder {
		return newBuilder().head("m").command(wire.CmdPostcopyAdvise,
			0, 0, 0, 0, byte(summary>>24), byte(summary>>16), byte(summary>>8), byte(summary), 0, 0, 0, 0, 0, 0, 0x10, 0)
	}
	list := func(s *builder, huge bool) *builder {
		s.open(wire.SectionStart, ramID, "ram", 0, 4).record(0x203000, wire.RAMMemSize)
		s.name("small").u32(0).u32(0x2000)
		s.name("big").u32(0).u32(0x200000)
		if huge {
			s.u32(0).u32(0x200000)
		}
		return s.name("rom").u32(0).u32(0x1000).eos().footer(ramID)
	}
	r := read(t, "huge", list(advise(0x201000), true).finish())
	for i, want := range []uint64{0, 0x200000, 0} {
		if got := r.RAM.Blocks[i].PageSize; got != want {
			t.Errorf("%s has pages of 0x%x", r.RAM.Blocks[i].Name, got)
		}
	}
	r = read(t, "usual", list(advise(0x1000), false).finish())
	if r.RAM.Blocks[1].PageSize != 0 {
		t.Error("a page size out of nothing")
	}
}

// Iterable sections of other kinds are passed over by their footers.
func TestOtherIterables(t *testing.T) {
	s := newBuilder().head("m").open(wire.SectionStart, 2, "dirty-bitmap", 0, 1).raw(1).footer(2)
	s.ramStart()
	s.raw(byte(wire.SectionPart)).u32(2).raw(bytes.Repeat([]byte{0x7e, 0, 0, 0, 2, 0x7f}, 1000)...).footer(2)
	s.ramPart().eos().footer(ramID)
	s.raw(byte(wire.SectionEnd)).u32(2).raw(1).footer(2)
	s.device(t, timerID, "timer", 0, timerState())
	r := read(t, "iterables", s.finish())
	if e := r.Elements[4]; e.Section.Name != "dirty-bitmap" || e.BodyLength != 6000 || e.hasPages() {
		t.Errorf("%+v", e)
	}
}

// Both are loaded by a destination; the description tells each.
func TestDeviceTwice(t *testing.T) {
	s := newBuilder().head("m")
	s.device(t, 3, "timer", 0, timerState()).device(t, 4, "timer", 0, timerState())
	r := read(t, "twice", s.finish())
	if r.Elements[2].Device == nil || r.Elements[3].Device == nil {
		t.Error("a device without fields")
	}
}

func TestNoRAM(t *testing.T) {
	r := read(t, "no ram", newBuilder().head("m").finish())
	if r.RAM != nil || r.Description.Devices != 0 || r.Description.PageSize != 4096 {
		t.Errorf("%+v", r)
	}
}

// A migration that goes on for hours does not grow the report.
func TestManyParts(t *testing.T) {
	s := newBuilder().head("m").ramStart()
	const parts = manyParts + 1000
	for range parts {
		s.ramPart().record(0, wire.RAMZero).name("rom").raw(0).eos().footer(ramID)
	}
	r := read(t, "parts", s.device(t, timerID, "timer", 0, timerState()).finish())
	if len(r.Elements) > manyParts+10 {
		t.Errorf("%d elements", len(r.Elements))
	}
	sections := 0
	for _, e := range r.Elements {
		sections += e.Parts
	}
	if sections != parts || r.RAM.Pages.Zero != parts {
		t.Errorf("%d sections, %v", sections, r.RAM.Pages)
	}
}

func BenchmarkPages(b *testing.B) {
	s := newBuilder().head("m").ramStart().ramPart().record(0, wire.RAMZero).name("pc.ram").raw(0)
	for i := range uint64(1000) {
		s.record(i%16*wire.PageSize, wire.RAMPage|wire.RAMContinue).page()
		s.record(i%16*wire.PageSize, wire.RAMZero|wire.RAMContinue).raw(0)
	}
	data := s.eos().footer(ramID).finish()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}
