package ram

import (
	"bytes"
	"encoding/binary"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/wire"
)

// After a recovery exactly the pages are due that the destination does not
// have, by whole host pages.
func TestReload(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		host := rapid.SampledFrom([]uint64{1, 4}).Draw(rt, "host page")
		count := rapid.Uint64Range(1, 300).Draw(rt, "host pages") * host
		b, err := memory.New("block", count*memory.PageSize)
		if err != nil {
			rt.Fatal(err)
		}
		defer b.Close()
		b.SetHostPage(host * memory.PageSize)
		received := make([]byte, (count+7)/8)
		want := map[uint64]bool{}
		for p := range count {
			if rapid.Bool().Draw(rt, "received") {
				received[p/8] |= 1 << (p % 8)
			} else {
				for q := p / host * host; q < p/host*host+host; q++ {
					want[q] = true
				}
			}
		}
		s, _, _ := following([]*memory.Block{b}, Options{})
		s.Reconnect()
		in := bytes.NewReader(wire.AppendBitmap(nil, received))
		if err := s.Reload("block", iotest.HalfReader(in)); err != nil || in.Len() != 0 {
			rt.Fatalf("%v, %d bytes are left", err, in.Len())
		}
		if s.Pending() != uint64(len(want))*memory.PageSize {
			rt.Errorf("%d bytes are due, not those of %d pages", s.Pending(), len(want))
		}
		for p := range count {
			if s.blocks[0].todo.Get(p) != want[p] {
				rt.Errorf("page %d is due: %v", p, !want[p])
			}
		}
	})
}

// Whatever comes as a bitmap, no page behind the end is ever due.
func FuzzReload(f *testing.F) {
	f.Add(wire.AppendBitmap(nil, make([]byte, 13)))
	f.Add(binary.BigEndian.AppendUint64(nil, 16))
	f.Fuzz(func(t *testing.T, in []byte) {
		blocks := source(t, 100)
		s, _, _ := following(blocks, Options{})
		if err := s.Reload("block0", bytes.NewReader(in)); err == nil && len(in) < 32 {
			t.Error("a short bitmap is taken")
		}
		if s.Pending() > 100*memory.PageSize {
			t.Errorf("%d bytes are due", s.Pending())
		}
	})
}
