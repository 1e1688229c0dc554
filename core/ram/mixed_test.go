package ram

import (
	"bytes"
	"testing"
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// through loads memory of pages pages, of which those are written that written
// says. check sees it before anybody reads it, which makes pages resident, too.
func through(t *testing.T, pages uint64, written func(page uint64) bool, check func(*memory.Block)) {
	t.Helper()
	src := source(t, pages)
	for p := range pages {
		if written(p) {
			scribble(src[0], p, byte(p)|1)
		}
	}
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	s := NewSaver(src, &Stats{}, Options{})
	s.Start(w, time.Now())
	s.Complete(w)
	w.Flush()

	dst := &blocks{max: 1 << 30}
	t.Cleanup(dst.close)
	l := NewLoader(dst, &Stats{}, Options{})
	r := stream.NewReader(&vecSource{data: out.Bytes(), grain: func() int { return 1 << 20 }})
	for range 2 {
		if err := l.Load(r, wire.RAMVersion); err != nil {
			t.Fatal(err)
		}
	}
	l.Close()
	check(dst.list[0])
	mem := dst.list[0].Bytes()
	if !bytes.Equal(mem, src[0].Bytes()) {
		t.Error("memory differs")
	}
	// Who runs there by now may write where nothing came, and need not tell.
	for p := range pages {
		if !written(p) {
			mem[p*memory.PageSize] = 2
		}
	}
	l.Close()
	for p := range pages {
		if !written(p) && mem[p*memory.PageSize] != 2 {
			t.Fatalf("page %d was given back when it was in use", p)
		}
	}
}

// Where pages and zeros take turns memory is made ready before it is needed, and
// what was made ready in vain is given back.
func TestPagesAndZerosByTurns(t *testing.T) {
	const mixed, pages = 20 * hugePage, 64 * hugePage
	through(t, pages, func(p uint64) bool { return p < mixed && p%2 == 1 }, func(b *memory.Block) {
		if n := resident(t, b, hugePage, mixed-hugePage); n != mixed-hugePage {
			t.Errorf("%d of %d pages are ready", n, mixed-hugePage)
		}
		if n := resident(t, b, mixed, pages-mixed); n != 0 {
			t.Errorf("%d pages are in memory that nobody sent", n)
		}
	})
}

// A page here and there is not worth a huge page.
func TestPagesHereAndThere(t *testing.T) {
	const pages, every = 16 * hugePage, 16
	through(t, pages, func(p uint64) bool { return p%every == 0 }, func(b *memory.Block) {
		if n := resident(t, b, 0, pages); n > 2*pages/every {
			t.Errorf("%d pages are in memory for %d", n, pages/every)
		}
	})
}
