package postcopy

import (
	"bytes"
	"io"
	"testing"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// repeated is one page's record with each page's number, without end.
type repeated struct {
	page uint64
	rest []byte
	body []byte
}

func (r *repeated) Read(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		if len(r.rest) == 0 {
			r.body = wire.AppendRAM(r.body[:0], r.page*page, wire.RAMPage|wire.RAMContinue)
			r.body = r.body[:wire.RAMPageSize]
			r.rest = r.body
			r.page++
		}
		n := copy(p[done:], r.rest)
		r.rest = r.rest[n:]
		done += n
	}
	return done, nil
}

const benchPages = 1 << 16 // 256 MiB

// What postcopy costs a destination beside precopy, with memory that was never touched.
func BenchmarkLoad(b *testing.B) {
	for _, way := range []string{"precopy", "postcopy"} {
		b.Run(way, func(b *testing.B) {
			b.SetBytes(benchPages * page)
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				block, err := memory.New("a", benchPages*page)
				if err != nil {
					b.Fatal(err)
				}
				m := &bench{a: block}
				l := ram.NewLoader(m, &m.stats, ram.Options{})
				start := wire.AppendRAMSize(wire.AppendRAM(nil, benchPages*page, wire.RAMMemSize), "a", benchPages*page)
				start = append(start, record("a", 0, 1)...)
				start = wire.AppendRAM(start, 0, wire.RAMEOS)
				if err := l.Load(stream.NewReader(bytes.NewReader(start)), wire.RAMVersion); err != nil {
					b.Fatal(err)
				}
				mover := l.Load
				if way == "postcopy" {
					late := New([]*memory.Block{block}, nil)
					if err := late.Discard("a", 0, benchPages*page); err != nil {
						b.Fatal(err)
					}
					mover = late.Channel(0, l.Cursor, &m.stats).Load
				}
				end := wire.AppendRAM(nil, 0, wire.RAMEOS)
				body := io.MultiReader(io.LimitReader(&repeated{body: make([]byte, wire.RAMPageSize)}, benchPages*wire.RAMPageSize), bytes.NewReader(end))
				r := stream.NewReader(body)
				b.StartTimer()
				if err := mover(r, wire.RAMVersion); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				l.Close()
				block.Close()
				b.StartTimer()
			}
		})
	}
}
