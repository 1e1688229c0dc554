package memtest

import (
	"testing"

	"pgregory.net/rapid"
)

// Every page once, visit undoes page, and after goes the same way.
func TestOrderIsAPermutation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(1, 3000).Draw(t, "n")
		o := newOrder(n, rapid.Uint64().Draw(t, "draw"))
		seen := make([]bool, n)
		next := o.page(0)
		for i := range n {
			p := o.page(i)
			if p >= n || seen[p] {
				t.Fatalf("visit %d: page %d is out of range or seen before", i, p)
			}
			if p != next {
				t.Fatalf("visit %d: page %d, but after said %d", i, p, next)
			}
			if got := o.visit(p); got != i {
				t.Fatalf("visit(page(%d)) = %d", i, got)
			}
			seen[p] = true
			next = o.after(p)
		}
	})
}

// The arithmetic holds for the largest memory that there can be.
func TestOrderOfHugeMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(1<<31, maxRAM/4096).Draw(t, "n")
		o := newOrder(n, rapid.Uint64().Draw(t, "draw"))
		i := rapid.Uint64Range(0, n-2).Draw(t, "i")
		if p := o.page(i); p >= n || o.visit(p) != i || o.after(p) != o.page(i+1) {
			t.Fatalf("order %+v is wrong at %d", o, i)
		}
	})
}

func TestOrdersDiffer(t *testing.T) {
	s := newSchedule(1, 1000, 0, 1)
	a, b := s.order(0), s.order(1)
	same := 0
	for i := range uint64(1000) {
		if a.page(i) == b.page(i) {
			same++
		}
	}
	if same > 100 {
		t.Errorf("%d of 1000 visits of two rounds are the same", same)
	}
}
