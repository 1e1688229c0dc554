package inspect

import (
	"bytes"
	"strings"
	"testing"

	"qmpmigrate/core/wire"
)

// mapped is a stream whose RAM has places of its own in a file, in which the
// stream begins at begin.
func mapped(t testing.TB, begin uint64) []byte {
	s := newBuilder().head("m").subsection("configuration/capabilities").u32(1).name("mapped-ram")
	s.open(wire.SectionStart, ramID, "ram", 0, wire.RAMVersion).record(70*wire.PageSize, wire.RAMMemSize)
	for _, b := range []struct {
		name  string
		pages uint64
		bits  []byte
	}{{"pc.ram", 66, []byte{7, 0, 0, 0, 0, 0, 0, 0x80, 3, 0, 0, 0, 0, 0, 0, 0}}, {"rom", 4, make([]byte, 8)}} {
		s.b = wire.AppendRAMSize(s.b, b.name, b.pages*wire.PageSize)
		h := wire.MappedAt(begin+uint64(len(s.b)), b.pages)
		s.b = h.Append(s.b)
		s.raw(b.bits...)
		s.raw(make([]byte, h.Pages+b.pages*wire.PageSize-begin-uint64(len(s.b)))...)
	}
	s.eos().footer(ramID)
	return s.device(t, timerID, "timer", 0, timerState()).finish()
}

func TestMappedRAM(t *testing.T) {
	for _, begin := range []uint64{0, 0x1000} {
		data := mapped(t, begin)
		r, err := Read(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		accounted(t, "mapped", r, data)
		if b := r.RAM.Blocks[0]; b.Start.Normal != 6 || b.PagesOffset != 1<<20 || r.RAM.Pages.Normal != 6 {
			t.Errorf("%+v", b)
		}
		var text strings.Builder
		if err := r.WriteText(&text); err != nil || !strings.Contains(text.String(), `"pc.ram", 0x42000 bytes, pages at 0x100000 of the file: 6 normal`) {
			t.Errorf("%v\n%s", err, text.String())
		}
	}
}

// Wherever the file ends, it is noticed.
func TestMappedTruncations(t *testing.T) {
	data := mapped(t, 0)
	for n := 0; n < len(data); n += 4093 {
		bad(t, "mapped", data[:n])
	}
}
