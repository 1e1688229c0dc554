package postcopy

import (
	"bytes"
	"encoding/binary"
	"testing"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Whatever comes, what the guest has already stays, and what is absent comes whole or not at all.
func FuzzChannel(f *testing.F) {
	end := wire.AppendRAM(nil, 0, wire.RAMEOS)
	f.Add(bytes.Join([][]byte{record("a", 0, 1), record("", page, 0), record("", page, 2), end}, nil))
	f.Add(bytes.Join([][]byte{record("b", 0, 1), record("", page, 0), record("", 2*page, 2), record("", 3*page, 3), end}, nil))
	f.Add(record("b", page, 1)[:40])
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := memory.New("a", 8*page)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		b, err := memory.New("b", 8*page)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		b.SetHostPage(hugePage)
		copy(a.Page(7), filled(0xee))
		a.MarkWritten(7)
		m := &bench{a: a, b: b}
		l := ram.NewLoader(m, &m.stats, ram.Options{})
		l.Advise(hugePage|page, false)
		start := wire.AppendRAMSize(wire.AppendRAM(nil, 16*page, wire.RAMMemSize), "a", 8*page)
		start = binary.BigEndian.AppendUint64(wire.AppendRAMSize(start, "b", 8*page), hugePage)
		if err := l.Load(stream.NewReader(bytes.NewReader(append(start, end...))), wire.RAMVersion); err != nil {
			t.Fatal(err)
		}
		late := New([]*memory.Block{a, b}, nil)
		for _, err := range []error{late.Discard("a", 0, 7*page), late.Discard("b", hugePage, hugePage)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		c := late.Channel(0, l.Cursor, &m.stats)
		_ = c.Load(stream.NewReader(bytes.NewReader(data)), wire.RAMVersion)
		holds(t, a, 7, 0xee)
		for n := range uint64(4) {
			holds(t, b, n, 0)
		}
		for _, block := range late.blocks {
			each := block.host / page
			for n := range block.Pages() {
				if block.absent.Get(n/each) && !bytes.Equal(block.Page(n), filled(0)) {
					t.Errorf("page %d of %s is absent and holds something", n, block.Name())
				}
			}
		}
	})
}
