package memory

import (
	"testing"

	"pgregory.net/rapid"
)

// Words that are set count like the bits that they hold.
func TestSetWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pages := rapid.Uint64Range(1, 200).Draw(t, "pages")
		m, want := NewBitmap(pages), NewBitmap(pages)
		if rapid.Bool().Draw(t, "full") {
			m.SetAll()
		}
		for n := range (pages + 63) / 64 {
			word := rapid.Uint64().Draw(t, "word")
			m.SetWord(n, word)
			for bit := range uint64(64) {
				if word>>bit&1 == 1 && n*64+bit < pages {
					want.Set(n*64 + bit)
				}
			}
		}
		if m.Count() != want.Count() {
			t.Fatalf("%d bits, want %d", m.Count(), want.Count())
		}
		for p := range pages {
			if m.Get(p) != want.Get(p) {
				t.Fatalf("page %d is %v", p, m.Get(p))
			}
		}
	})
}
