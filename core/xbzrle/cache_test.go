package xbzrle

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

// model is what a cache must do, with the rule written down once more.
type model struct {
	n     uint64
	slots map[uint64]entry
}

type entry struct {
	page, age uint64
	data      byte
}

func TestCacheRule(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.SampledFrom([]uint64{1, 2, 8}).Draw(rt, "places")
		c, err := NewCache(n * PageSize)
		if err != nil {
			rt.Fatal(err)
		}
		defer c.Close()
		m := model{n: n, slots: map[uint64]entry{}}
		for pass, step := uint64(1), 0; step < 100; step++ {
			page := rapid.Uint64Range(0, 3*n).Draw(rt, "page")
			slot := page % n
			held, used := m.slots[slot]
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				pass += rapid.Uint64Range(0, 2).Draw(rt, "passes")
			case 1:
				got := c.Lookup(page, pass)
				if hit := used && held.page == page; hit != (got != nil) {
					rt.Fatalf("page %d is kept: %v", page, got != nil)
				}
				if got != nil {
					if got[0] != held.data || got[PageSize-1] != held.data || len(got) != PageSize {
						rt.Fatalf("page %d holds %d, not %d", page, got[0], held.data)
					}
					held.age = pass
					m.slots[slot] = held
				}
			default:
				got := c.Insert(page, pass)
				refused := used && held.page != page && held.age+2 > pass
				if refused != (got == nil) {
					rt.Fatalf("page %d is refused in pass %d: %v; there is %+v", page, pass, got == nil, held)
				}
				if got != nil {
					data := byte(step + 1)
					for i := range got {
						got[i] = data
					}
					m.slots[slot] = entry{page, pass, data}
				}
			}
		}
	})
}

// What cannot be is refused in QEMU's words; what is large costs nothing.
func TestCacheSizes(t *testing.T) {
	for _, size := range []uint64{1 << 47, 1 << 62, 1 << 63} {
		if _, err := NewCache(size); !errors.Is(err, ErrTooLarge) || err.Error() != "Failed to allocate page cache" {
			t.Errorf("%d: %v", size, err)
		}
	}
	c, err := NewCache(1 << 40)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	last := uint64(1<<40/PageSize - 1)
	c.Insert(last, 1)[0] = 7
	if got := c.Lookup(last, 1); got == nil || got[0] != 7 || c.Size() != 1<<40 {
		t.Error("the last page of a large cache is not kept")
	}
}
