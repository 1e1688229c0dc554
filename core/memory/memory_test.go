package memory

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"pgregory.net/rapid"
)

func newBlock(t *testing.T, pages uint64) *Block {
	t.Helper()
	b, err := New("t", pages*PageSize)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestNewRefusesBadSizes(t *testing.T) {
	for _, size := range []uint64{0, 1, PageSize + 1, 1 << 63, 1<<64 - PageSize} {
		if _, err := New("bad", size); err == nil {
			t.Errorf("size %#x was taken", size)
		}
	}
}

func TestBlocksAreAlignedToHugePages(t *testing.T) {
	for _, pages := range []uint64{512, 513, 5000} {
		b := newBlock(t, pages)
		if at := uintptr(unsafe.Pointer(&b.Bytes()[0])); at%HugePage != 0 {
			t.Errorf("%d pages begin at %#x", pages, at)
		}
		// The whole range is there.
		b.Bytes()[0], b.Bytes()[b.Size()-1] = 1, 1
	}
}

// A huge block costs nothing before it is used.
func TestReservedMemoryIsNotAllocated(t *testing.T) {
	before := resident(t)
	newBlock(t, 64<<30/PageSize)
	if grown := resident(t) - before; grown > 8<<20 {
		t.Errorf("an untouched block of 64 GiB took %d bytes", grown)
	}
}

func resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

func TestMarkWrittenEntersTheLogOnlyWhileItIsOn(t *testing.T) {
	b := newBlock(t, 200)
	b.MarkWritten(3)
	b.StartLog()
	b.MarkWritten(70)
	b.MarkWritten(70)
	b.MarkWritten(199)
	bm := NewBitmap(b.Pages())
	if n := b.SyncLog(bm); n != 2 || bm.Count() != 2 || !bm.Get(70) || !bm.Get(199) {
		t.Fatalf("logged %d, bitmap %d", n, bm.Count())
	}
	if n := b.SyncLog(bm); n != 0 {
		t.Fatalf("the log gave %d pages again", n)
	}
	b.StopLog()
	b.MarkWritten(5)
	if n := b.SyncLog(bm); n != 0 {
		t.Fatalf("%d pages were logged after the end", n)
	}
	for page, want := range map[uint64]bool{3: true, 5: true, 70: true, 4: false} {
		if b.Populated(page) != want {
			t.Errorf("page %d populated: %v", page, !want)
		}
	}
}

// No write is lost between vCPUs that mark and a saver that syncs.
func TestLogUnderConcurrentWriters(t *testing.T) {
	b := newBlock(t, 1024)
	b.StartLog()
	var wg sync.WaitGroup
	for v := range uint64(4) {
		wg.Go(func() {
			for p := v; p < 1024; p += 4 {
				b.MarkWritten(p)
			}
		})
	}
	bm := NewBitmap(1024)
	for range 100 {
		b.SyncLog(bm)
	}
	wg.Wait()
	b.SyncLog(bm)
	if bm.Count() != 1024 {
		t.Fatalf("%d of 1024 pages arrived", bm.Count())
	}
}

func TestDiscardGivesZerosBack(t *testing.T) {
	b := newBlock(t, 16)
	for p := range b.Pages() {
		b.Page(p)[7] = 9
		b.MarkWritten(p)
	}
	if err := b.Discard(4, 3); err != nil {
		t.Fatal(err)
	}
	for p := range b.Pages() {
		gone := p >= 4 && p < 7
		if b.Populated(p) == gone || (b.Page(p)[7] == 0) != gone {
			t.Errorf("page %d: populated %v, byte %d", p, b.Populated(p), b.Page(p)[7])
		}
	}
}

func TestMakeReadyKeepsZerosAndNeighbours(t *testing.T) {
	b := newBlock(t, 4*512)
	b.Page(0)[0], b.Page(3 * 512)[0] = 1, 2
	if err := b.MakeReady(512, 1024); err != nil {
		t.Fatal(err)
	}
	if b.Page(0)[0] != 1 || b.Page(3 * 512)[0] != 2 || !bytes.Equal(b.Page(600), make([]byte, PageSize)) {
		t.Error("memory changed")
	}
	if b.Populated(600) {
		t.Error("a page that is only ready counts as written")
	}
}

func TestPopulateRanges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		const pages = 300
		b := newBlock(t, pages)
		want := map[uint64]bool{}
		for range rapid.IntRange(1, 5).Draw(rt, "ranges") {
			first := rapid.Uint64Range(0, pages-1).Draw(rt, "first")
			count := rapid.Uint64Range(0, pages-first).Draw(rt, "count")
			free := true
			for p := first; p < first+count; p++ {
				free = free && !want[p]
			}
			if got := b.Untouched(first, count); got != free {
				rt.Fatalf("Untouched(%d, %d) = %v", first, count, got)
			}
			b.Populate(first, count)
			for p := first; p < first+count; p++ {
				want[p] = true
			}
		}
		for p := range uint64(pages) {
			if b.Populated(p) != want[p] {
				rt.Fatalf("page %d: %v", p, b.Populated(p))
			}
		}
	})
}

// The bitmap against a plain map.
func TestBitmapAgainstMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pages := rapid.Uint64Range(1, 400).Draw(rt, "pages")
		m, model := NewBitmap(pages), map[uint64]bool{}
		if rapid.Bool().Draw(rt, "all") {
			m.SetAll()
			for p := range pages {
				model[p] = true
			}
		}
		for range rapid.IntRange(0, 20).Draw(rt, "steps") {
			p := rapid.Uint64Range(0, pages-1).Draw(rt, "page")
			if rapid.Bool().Draw(rt, "set") {
				m.Set(p)
				model[p] = true
				continue
			}
			n := rapid.Uint64Range(0, pages-p).Draw(rt, "n")
			m.ClearRange(p, n)
			for q := p; q < p+n; q++ {
				delete(model, q)
			}
		}
		if m.Count() != uint64(len(model)) {
			rt.Fatalf("count %d, want %d", m.Count(), len(model))
		}
		limit := rapid.Uint64Range(1, 70).Draw(rt, "limit")
		got := map[uint64]bool{}
		for pos := uint64(0); ; {
			first, count := m.NextRun(pos, limit)
			if count == 0 {
				break
			}
			if count > limit {
				rt.Fatalf("run of %d", count)
			}
			for p := first; p < first+count; p++ {
				got[p] = true
			}
			pos = first + count
		}
		if len(got) != len(model) {
			rt.Fatalf("runs hold %d pages, want %d", len(got), len(model))
		}
		for p := range got {
			if !model[p] {
				rt.Fatalf("page %d is in a run and not set", p)
			}
		}
	})
}

func BenchmarkMarkWritten(b *testing.B) {
	blk, err := New("b", 1<<30)
	if err != nil {
		b.Fatal(err)
	}
	defer blk.Close()
	blk.StartLog()
	b.ReportAllocs()
	for i := range b.N {
		blk.MarkWritten(uint64(i) % blk.Pages())
	}
}
