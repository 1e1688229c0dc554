package ram

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/wire"
)

func TestLoadDifference(t *testing.T) {
	record := func(page uint64, rest ...byte) []byte {
		b := wire.AppendRAMName(nil, page*memory.PageSize, wire.RAMXBZRLE, "block0")
		return append(b, rest...)
	}
	start := func(rest ...[]byte) []byte {
		b := wire.AppendRAM(nil, 4*memory.PageSize, wire.RAMMemSize)
		b = wire.AppendRAMSize(b, "block0", 4*memory.PageSize)
		return append(b, bytes.Join(rest, nil)...)
	}
	eos := binary.BigEndian.AppendUint64(nil, uint64(wire.RAMEOS))
	for what, c := range map[string]struct {
		data []byte
		want string
	}{
		"encoding": {record(1, 2, 0, 1, 0), "Failed to decompress XBZRLE page at 1000: Failed to load XBZRLE page - wrong compression!"},
		"length":   {record(0, 1, 0x10, 1), "Failed to decompress XBZRLE page at 0: Failed to load XBZRLE page - len overflow!"},
		"code":     {record(3, 1, 0, 3, 0, 0, 1), "Failed to decompress XBZRLE page at 3000: Failed to load XBZRLE page - decode error!"},
		"page":     {record(4, 1, 0, 0), "Illegal RAM offset 4000"},
		"end":      {record(0, 1, 0, 9, 1), "Input/output error"},
	} {
		_, err := load(t, bytes.NewReader(start(c.data)), 1)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", what, err, c.want)
		}
	}
	target, err := load(t, bytes.NewReader(start(record(1, 1, 0, 4, 0x10, 2, 7, 8), record(2, 1, 0, 0), eos)), 1)
	defer target.close()
	if err != nil {
		t.Fatal(err)
	}
	b := target.list[0]
	want := make([]byte, memory.PageSize)
	want[0x10], want[0x11] = 7, 8
	if !bytes.Equal(b.Page(1), want) || !b.Populated(1) || b.Populated(2) {
		t.Error("differences were not put where they belong")
	}
}

// Whatever a source sends, nothing is written outside of the block, and nothing breaks.
func FuzzLoadDifferences(f *testing.F) {
	f.Add([]byte{1, 0, 4, 0x10, 2, 7, 8})
	f.Add([]byte{1, 0x10, 0})
	f.Fuzz(func(t *testing.T, rest []byte) {
		data := wire.AppendRAM(nil, 2*memory.PageSize, wire.RAMMemSize)
		data = wire.AppendRAMSize(data, "block0", 2*memory.PageSize)
		for page := range uint64(2) {
			data = append(wire.AppendRAMName(data, page*memory.PageSize, wire.RAMXBZRLE, "block0"), rest...)
		}
		target, _ := load(t, bytes.NewReader(data), 1)
		defer target.close()
		for page := range target.list[0].Pages() {
			if !target.list[0].Populated(page) && !memory.IsZero(target.list[0].Page(page)) {
				t.Fatalf("page %d was written and is not known to be", page)
			}
		}
	})
}
