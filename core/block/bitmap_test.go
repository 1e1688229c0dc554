package block

import (
	"testing"

	"pgregory.net/rapid"
)

// A bitmap does what a set of pieces does.
func TestBitmapIsASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 300<<10).Draw(t, "size")
		b := NewBitmap("b", 512, size)
		set := map[int64]bool{}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			off := rapid.Int64Range(0, size-1).Draw(t, "off")
			length := rapid.Int64Range(1, size-off).Draw(t, "length")
			switch rapid.IntRange(0, 2).Draw(t, "step") {
			case 0:
				b.Set(off, length)
				for i := off / 512; i <= (off+length-1)/512; i++ {
					set[i] = true
				}
			case 1:
				b.Clear(off, length)
				for i := range b.Pieces() {
					if i*512 >= off && min((i+1)*512, size) <= off+length {
						delete(set, i)
					}
				}
			default:
				words := []uint64{rapid.Uint64().Draw(t, "word")}
				first := off / 512 / 64 * 64
				b.SetWords(first, words)
				for i := range int64(64) {
					if words[0]>>i&1 != 0 && first+i < b.Pieces() {
						set[first+i] = true
					}
				}
			}
		}
		if b.Count() != int64(len(set)) {
			t.Fatalf("%d bits, want %d", b.Count(), len(set))
		}
		found := 0
		for off, ok := b.Next(0); ok; off, ok = b.Next(off + 512) {
			if !set[off/512] {
				t.Fatalf("bit of %d is set", off)
			}
			found++
		}
		if found != len(set) {
			t.Fatalf("%d bits found, want %d", found, len(set))
		}
	})
}
