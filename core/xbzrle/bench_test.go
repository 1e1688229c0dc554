package xbzrle

import (
	"math/rand/v2"
	"testing"
)

// Pages of 64 MiB as a guest leaves them between two passes.
func benchmarks() map[string]func(rng *rand.Rand, page []byte) {
	return map[string]func(rng *rand.Rand, page []byte){
		"same":     func(*rand.Rand, []byte) {},
		"byte":     func(rng *rand.Rand, p []byte) { p[rng.IntN(PageSize)]++ },
		"16 words": func(rng *rand.Rand, p []byte) { scatter(rng, p, 16, 8) },
		"quarter":  func(rng *rand.Rand, p []byte) { scatter(rng, p, 1, PageSize/4) },
		"half by words": func(_ *rand.Rand, p []byte) {
			for i := 0; i < PageSize; i += 16 {
				p[i], p[i+3], p[i+7] = p[i]+1, p[i+3]+1, p[i+7]+1
			}
		},
		"overflow": func(rng *rand.Rand, p []byte) { scatter(rng, p, 1, PageSize) },
		"overflow by bytes": func(_ *rand.Rand, p []byte) {
			for i := 0; i < PageSize; i += 2 {
				p[i]++
			}
		},
	}
}

func scatter(rng *rand.Rand, page []byte, times, size int) {
	for range times {
		at := rng.IntN(PageSize-size+1) &^ 7
		for i := at; i < at+size; i++ {
			page[i] = byte(rng.Uint32())
		}
	}
}

const benchPages = 1024

func BenchmarkEncode(b *testing.B) {
	for name, change := range benchmarks() {
		b.Run(name, func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			old, new := make([]byte, benchPages*PageSize), make([]byte, benchPages*PageSize)
			for i := range old {
				old[i] = byte(rng.Uint32())
			}
			copy(new, old)
			for i := 0; i < len(new); i += PageSize {
				change(rng, new[i:i+PageSize])
			}
			dst := make([]byte, PageSize)
			b.SetBytes(PageSize)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				Encode(dst, old[i:i+PageSize], new[i:i+PageSize])
				i = (i + PageSize) % len(new)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	old, new, dst := make([]byte, PageSize), make([]byte, PageSize), make([]byte, PageSize)
	scatter(rng, new, 16, 8)
	n, _ := Encode(dst, old, new)
	b.SetBytes(PageSize)
	b.ReportAllocs()
	for b.Loop() {
		Decode(old, dst[:n])
	}
}

// BenchmarkCopy is what reading and writing a page costs at least.
func BenchmarkCopy(b *testing.B) {
	src, dst := make([]byte, benchPages*PageSize), make([]byte, PageSize)
	b.SetBytes(PageSize)
	i := 0
	for b.Loop() {
		copy(dst, src[i:])
		i = (i + PageSize) % len(src)
	}
}
