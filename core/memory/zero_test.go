package memory

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// plainIsZero is the yardstick of IsZero.
func plainIsZero(p []byte) bool {
	for _, b := range p {
		if b != 0 {
			return false
		}
	}
	return true
}

// One byte makes the difference, wherever it is and whatever the length.
func TestIsZeroSeesEveryByte(t *testing.T) {
	for _, size := range []int{0, 1, 7, 8, 9, 15, 16, 17, 31, 64, 100, PageSize} {
		p := make([]byte, size)
		if !IsZero(p) {
			t.Errorf("%d zeros are none", size)
		}
		for i := range p {
			for _, value := range []byte{1, 0x80, 0xff} {
				p[i] = value
				if IsZero(p) {
					t.Errorf("%d bytes with %#x at %d count as zeros", size, value, i)
				}
			}
			p[i] = 0
		}
	}
}

func TestIsZeroAgreesWithPlain(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := make([]byte, rapid.IntRange(0, PageSize).Draw(rt, "size"))
		for range rapid.IntRange(0, 3).Draw(rt, "writes") {
			if len(p) == 0 {
				break
			}
			at := rapid.IntRange(0, len(p)-1).Draw(rt, "at")
			copy(p[at:], bytes.Repeat([]byte{rapid.SampledFrom([]byte{0, 1, 0x80}).Draw(rt, "value")}, rapid.IntRange(1, 9).Draw(rt, "run")))
		}
		if got, want := IsZero(p), plainIsZero(p); got != want {
			rt.Fatalf("%v for % x", got, p)
		}
	})
}

func FuzzIsZero(f *testing.F) {
	f.Add([]byte{}, uint16(PageSize))
	f.Add([]byte{1}, uint16(17))
	f.Fuzz(func(t *testing.T, data []byte, zeros uint16) {
		for _, p := range [][]byte{data, append(make([]byte, zeros), data...), append(bytes.Clone(data), make([]byte, zeros)...)} {
			if got, want := IsZero(p), plainIsZero(p); got != want {
				t.Fatalf("%v for % x", got, p)
			}
		}
	})
}

// What looking for zeros costs: pages that are zero, and pages that show at one
// of three places that they are not; all of them in the cache, or none. A copy of
// as much is what memory allows.
func BenchmarkIsZero(b *testing.B) {
	for _, where := range []struct {
		name  string
		pages int
	}{{"hot", 64}, {"cold", 16384}} {
		mem, dst := make([]byte, where.pages*PageSize), make([]byte, PageSize)
		each := func(name string, do func(page []byte)) {
			b.Run(where.name+"/"+name, func(b *testing.B) {
				b.SetBytes(PageSize)
				b.ReportAllocs()
				for i := 0; b.Loop(); i = (i + PageSize) % len(mem) {
					do(mem[i : i+PageSize])
				}
			})
		}
		fill := func(at int, value byte) {
			for i := 0; i < len(mem); i += PageSize {
				mem[i+at] = value
			}
		}
		look := func(p []byte) { IsZero(p) }
		fill(0, 0) // so that the memory is there
		each("copy", func(p []byte) { copy(dst, p) })
		each("zero", look)
		each("words", func(p []byte) { orWords(p) })
		for _, at := range []int{0, PageSize - 1, 1000} {
			fill(at, 1)
			each(map[int]string{0: "first", PageSize - 1: "last", 1000: "between"}[at], look)
			fill(at, 0)
		}
	}
}

// orWords is the other way to look: eight words at a time.
func orWords(p []byte) bool {
	for ; len(p) >= 64; p = p[64:] {
		or := uint64(0)
		for i := 0; i < 64; i += 8 {
			or |= uint64(p[i]) | uint64(p[i+1])<<8 | uint64(p[i+2])<<16 | uint64(p[i+3])<<24 |
				uint64(p[i+4])<<32 | uint64(p[i+5])<<40 | uint64(p[i+6])<<48 | uint64(p[i+7])<<56
		}
		if or != 0 {
			return false
		}
	}
	return true
}
