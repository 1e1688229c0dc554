package qobject

import (
	"fmt"
	"slices"
	"testing"
)

func TestDictKeepsOrderOfFirstSet(t *testing.T) {
	d := NewDict()
	d.Set("b", int64(1))
	d.Set("a", int64(2))
	d.Set("b", int64(3))
	if got := d.Keys(); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("keys %q", got)
	}
	if v, ok := d.Get("b"); !ok || v != int64(3) {
		t.Errorf("b is %v, %v", v, ok)
	}
	if _, ok := d.Get("c"); ok || d.Has("c") {
		t.Error("c should not be there")
	}
	if got := string(d.AppendJSON(nil)); got != `{"b": 3, "a": 2}` {
		t.Errorf("text %s", got)
	}
}

func TestNilDictIsEmpty(t *testing.T) {
	var d *Dict
	if d.Len() != 0 || len(d.Keys()) != 0 || d.Has("x") {
		t.Error("a nil Dict has members")
	}
	if _, ok := d.Get("x"); ok {
		t.Error("a nil Dict has x")
	}
	if got := string(d.AppendJSON(nil)); got != "{}" {
		t.Errorf("text %s", got)
	}
}

func TestDictFindsEveryMemberOnBothSidesOfTheIndex(t *testing.T) {
	for _, n := range []int{1, indexFrom - 1, indexFrom, indexFrom + 1, 1000} {
		d := newRoomyDict()
		for i := range n {
			d.Set(fmt.Sprint("k", i), int64(i))
		}
		for i := range n {
			d.Set(fmt.Sprint("k", i), int64(i*2))
		}
		if d.Len() != n {
			t.Fatalf("%d members of %d", d.Len(), n)
		}
		for i := range n {
			if v, ok := d.Get(fmt.Sprint("k", i)); !ok || v != int64(i*2) {
				t.Fatalf("of %d: k%d is %v, %v", n, i, v, ok)
			}
		}
		if d.Has("k") || d.Has(fmt.Sprint("k", n)) {
			t.Fatalf("of %d: too much there", n)
		}
	}
}

func TestDictWalkCanBeLeft(t *testing.T) {
	d := NewDict()
	d.Set("a", true)
	d.Set("b", true)
	seen := 0
	for range d.All() {
		seen++
		break
	}
	if seen != 1 {
		t.Errorf("saw %d members", seen)
	}
}
