package wire

import (
	"encoding/binary"
	"strings"
	"testing"
)

func discardPayload(block string, ranges ...uint64) []byte {
	b := append(AppendCounted([]byte{0}, block), 0)
	for _, n := range ranges {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return b
}

func TestParseDiscard(t *testing.T) {
	d, err := ParseDiscard(discardPayload("pc.ram", 4096, 8192, 1<<40, 4096))
	if err != nil || d.Block != "pc.ram" {
		t.Fatal(d, err)
	}
	var got []uint64
	if err := d.Each(func(start, length uint64) error { got = append(got, start, length); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 || got[0] != 4096 || got[1] != 8192 || got[2] != 1<<40 || got[3] != 4096 {
		t.Errorf("ranges are %v", got)
	}
	good := discardPayload("b", 0, 4096)
	for want, payload := range map[string][]byte{
		"CMD_POSTCOPY_RAM_DISCARD invalid length (3)":                {0, 0, 0},
		"CMD_POSTCOPY_RAM_DISCARD invalid version (1)":               append([]byte{1}, good[1:]...),
		"CMD_POSTCOPY_RAM_DISCARD Failed to read RAMBlock ID":        append([]byte{0, 200}, good[2:]...),
		"CMD_POSTCOPY_RAM_DISCARD missing nil (98)":                  append(AppendCounted([]byte{0}, "a"), append([]byte("b"), make([]byte, 16)...)...),
		"CMD_POSTCOPY_RAM_DISCARD invalid length (17)":               append(discardPayload("b", 0, 0), 0),
		"CMD_POSTCOPY_RAM_DISCARD Failed to read RAMBlock ID (none)": append(discardPayload("", 0, 0), 0),
	} {
		want = strings.TrimSuffix(want, " (none)")
		if _, err := ParseDiscard(payload); err == nil || err.Error() != want {
			t.Errorf("% x: %v, want %s", payload, err, want)
		}
	}
}

func TestParseAdvise(t *testing.T) {
	a, ram, err := ParseAdvise(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, 0x201000), 4096))
	if err != nil || !ram || a.HostPages != 0x201000 || a.TargetPage != 4096 {
		t.Error(a, ram, err)
	}
	if _, ram, err := ParseAdvise(nil); err != nil || ram {
		t.Error(ram, err)
	}
	if _, _, err := ParseAdvise(make([]byte, 8)); err == nil || err.Error() != "CMD_POSTCOPY_ADVISE invalid length (8)" {
		t.Error(err)
	}
}

// What is asked for is what the source reads.
func TestPageRequest(t *testing.T) {
	for _, block := range []string{"", "pc.ram", strings.Repeat("x", MaxName)} {
		b := AppendPageRequest(nil, block, 0x2000, 4096)
		h, err := ParseReplyHeader([ReplyHeaderSize]byte(b))
		if err != nil || h.Size != len(b)-ReplyHeaderSize {
			t.Fatal(h, err)
		}
		m, err := ParseMessage(h.Kind, b[ReplyHeaderSize:])
		if err != nil || m.Block != block || m.Start != 0x2000 || m.Length != 4096 {
			t.Error(m, err)
		}
	}
}

func FuzzParseDiscard(f *testing.F) {
	f.Add(discardPayload("pc.ram", 4096, 8192))
	f.Add([]byte{0, 255, 0})
	f.Fuzz(func(t *testing.T, payload []byte) {
		d, err := ParseDiscard(payload)
		if err != nil {
			return
		}
		n := 0
		_ = d.Each(func(_, _ uint64) error { n++; return nil })
		if 3+len(d.Block)+16*n != len(payload) {
			t.Errorf("%d ranges of %q in %d bytes", n, d.Block, len(payload))
		}
	})
}
