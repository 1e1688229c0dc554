package memtest

import (
	"testing"

	"pgregory.net/rapid"
)

func newStamper(seed, noisy, update uint64) *stamper {
	return &stamper{keys: newKeys(), seed: seed, noisy: noisy, update: update}
}

func drawStamper(t *rapid.T) *stamper {
	return newStamper(rapid.Uint64().Draw(t, "seed"),
		rapid.Uint64Range(0, payloadWords).Draw(t, "noisy"),
		rapid.Uint64Range(1, payloadWords).Draw(t, "update"))
}

// Any number of updates leaves a page whose checksum is that of all its words.
func TestRestampKeepsTheSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, p := drawStamper(t), &page{}
		n := rapid.Uint64Range(0, 1<<tagShift-1).Draw(t, "n")
		first := rapid.Uint64Range(0, 1000).Draw(t, "first")
		last := first + rapid.Uint64Range(0, 20).Draw(t, "updates")
		s.stamp(p, n, first)
		for gen := first + 1; gen <= last; gen++ {
			before := *p
			if !s.restamp(p, n, gen) {
				t.Fatal("a good page was refused")
			}
			changed := 0
			for i := payload; i < pageWords; i++ {
				if p[i] != before[i] {
					changed++
				}
			}
			if uint64(changed) > s.update {
				t.Fatalf("%d words changed, at most %d may", changed, s.update)
			}
		}
		if p[wordSum] != s.keys.sum(p) || p[wordGen] != last {
			t.Fatal("checksum or generation is wrong")
		}
		if got, ok := s.number(p[wordID]); got != n || !ok {
			t.Fatalf("the page says it is %d, %v", got, ok)
		}
	})
}

// A damaged page stays damaged whatever is done to it afterwards.
func TestRestampHealsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, p := drawStamper(t), &page{}
		s.stamp(p, 7, 3)
		word := rapid.IntRange(0, pageWords-1).Draw(t, "word")
		p[word] ^= rapid.Uint64Range(1, ^uint64(0)).Draw(t, "flip")
		for gen := uint64(4); gen < 9; gen++ {
			s.restamp(p, 7, gen)
		}
		number, ours := s.number(p[wordID])
		if p[wordSum] == s.keys.sum(p) && number == 7 && ours && p[wordGen] == 8 {
			t.Fatalf("a flip in word %d went unseen", word)
		}
	})
}

func TestRestampRefusesOtherPages(t *testing.T) {
	s, p := newStamper(1, 0, 8), &page{}
	if s.restamp(p, 0, 1) || *p != (page{}) {
		t.Error("a zero page was taken for page 0")
	}
	s.stamp(p, 4, 1)
	before := *p
	if s.restamp(p, 5, 2) || *p != before {
		t.Error("page 4 was taken for page 5")
	}
	if newStamper(2, 0, 8).restamp(p, 4, 2) || *p != before {
		t.Error("another guest's page was taken")
	}
}

// A mix of two generations is seen wherever it is cut.
func TestSumSeesEveryCut(t *testing.T) {
	for _, noisy := range []uint64{0, 100, payloadWords} {
		s := newStamper(9, noisy, payloadWords)
		var old, new page
		s.stamp(&old, 1, 1)
		new = old
		s.restamp(&new, 1, 2)
		// Cut behind word 0 it is the old page, which is a matter of its generation.
		for cut := wordGen + 1; cut < pageWords; cut++ {
			mixed := new
			copy(mixed[cut:], old[cut:])
			if mixed == new {
				t.Fatalf("noisy %d: the generations do not differ behind word %d", noisy, cut)
			}
			if mixed[wordSum] == s.keys.sum(&mixed) {
				t.Errorf("noisy %d: a page cut at word %d has a good checksum", noisy, cut)
			}
		}
	}
}

func TestZero(t *testing.T) {
	var p page
	if !p.zero() {
		t.Error("a zero page is not zero")
	}
	for i := range p {
		p[i] = 1 << 63
		if p.zero() {
			t.Errorf("word %d is not looked at", i)
		}
		p[i] = 0
	}
}

func BenchmarkSum(b *testing.B) {
	k, p := newKeys(), &page{}
	b.SetBytes(pageWords * 8)
	for b.Loop() {
		p[3] += k.sum(p)
	}
}

func BenchmarkStamp(b *testing.B) {
	s, p := newStamper(1, payloadWords, payloadWords), &page{}
	b.SetBytes(pageWords * 8)
	for b.Loop() {
		s.stamp(p, 1, 1)
	}
}

func BenchmarkRestamp(b *testing.B) {
	for _, c := range []struct {
		name          string
		noisy, update uint64
	}{{"whole", payloadWords, payloadWords}, {"64B", payloadWords, 8}, {"plain", 0, payloadWords}} {
		b.Run(c.name, func(b *testing.B) {
			s, p := newStamper(1, c.noisy, c.update), &page{}
			s.stamp(p, 1, 0)
			b.SetBytes(int64(c.update) * 8)
			for gen := uint64(1); b.Loop(); gen++ {
				s.restamp(p, 1, gen)
			}
		})
	}
}
