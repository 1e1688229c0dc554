package ram

import (
	"errors"
	"io"
	"math"
	"testing"
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
)

// What a page costs on its way out, and that it takes no memory.
func BenchmarkXBZRLE(b *testing.B) {
	for _, c := range []struct {
		name   string
		change func(page []byte, i int)
	}{
		{"a byte", func(page []byte, i int) { page[i%memory.PageSize]++ }},
		{"overflow", func(page []byte, i int) {
			for j := range page {
				page[j] += byte(i + j)
			}
		}},
		{"the same", func([]byte, int) {}},
	} {
		b.Run(c.name, func(b *testing.B) {
			const pages = 4096
			src := source(b, pages)
			s := NewSaver(src, &Stats{}, Options{XBZRLE: func() uint64 { return 64 << 20 }})
			defer s.Close()
			w := stream.NewWriter(io.Discard)
			now := time.Now()
			room := func() int64 { return math.MaxInt64 }
			next := func() {
				s.Sync(now)
				if err := errors.Join(s.Iterate(w, room), w.Flush()); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.Start(w, now); err != nil {
				b.Fatal(err)
			}
			for range 3 {
				for p := range uint64(pages) {
					scribble(src[0], p, byte(p)|1)
				}
				next()
			}
			b.SetBytes(memory.PageSize)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p := uint64(i % pages)
				if p == 0 {
					b.StopTimer()
					for p := range uint64(pages) {
						c.change(src[0].Page(p), i+int(p))
						src[0].MarkWritten(p)
					}
					s.Sync(now)
					b.StartTimer()
				}
				if !s.sendRun(w, 1) {
					b.Fatal("no page is due")
				}
			}
			if s.stats.XBZRLE.Pages.Load() == 0 {
				b.Error("nothing was found in the cache")
			}
		})
	}
}
