package ram

import (
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
)

const mappedBench = 16 << 20

// random is a block of memory that is full.
func random(b *testing.B) []*memory.Block {
	src := source(b, mappedBench/memory.PageSize)
	rand.NewChaCha8([32]byte{1}).Read(src[0].Bytes())
	src[0].Populate(0, src[0].Pages())
	return src
}

// BenchmarkMappedSave is memory that goes to places of its own, and that its pages take no memory.
func BenchmarkMappedSave(b *testing.B) {
	w := stream.NewWriter(temporary(b))
	s := NewSaver(random(b), &Stats{}, Options{Mapped: NewPlaces()})
	defer s.Close()
	if err := s.Start(w, time.Now()); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(mappedBench)
	b.ReportAllocs()
	for b.Loop() {
		s.blocks[0].todo.SetAll()
		if err := s.Complete(w); err != nil || w.Err() != nil {
			b.Fatal(err, w.Err())
		}
	}
}

// BenchmarkMappedLoad is the way back.
func BenchmarkMappedLoad(b *testing.B) {
	file := temporary(b)
	saveMapped(b, file, random(b), Options{})
	target := &fixed{source(b, mappedBench/memory.PageSize)}
	b.SetBytes(mappedBench)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		if err := loadMapped(file, target, Options{}, 2); err != nil {
			b.Fatal(err)
		}
	}
}
