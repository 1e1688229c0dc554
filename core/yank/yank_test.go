package yank

import (
	"errors"
	"slices"
	"testing"
)

func TestCutAllOrNone(t *testing.T) {
	var r Register
	var cut []string
	note := func(name string) func() { return func() { cut = append(cut, name) } }
	monitor, migration := Instance{Chardev, "m0"}, Instance{Kind: Migration}
	if _, err := r.Add(monitor, note("m0")); err != nil {
		t.Fatal(err)
	}
	remove, err := r.Add(migration, note("migration"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Add(migration, note("second")); !errors.Is(err, ErrDuplicate) {
		t.Errorf("a second one: %v", err)
	}
	if err := r.Cut([]Instance{monitor, {Chardev, "m1"}}); !errors.Is(err, ErrNotFound) || cut != nil {
		t.Errorf("one is unknown: %v, %v was cut", err, cut)
	}
	if err := r.Cut(nil); err != nil || cut != nil {
		t.Errorf("nothing to cut: %v, %v was cut", err, cut)
	}
	if err := r.Cut([]Instance{migration, monitor}); err != nil || !slices.Equal(cut, []string{"migration", "m0"}) {
		t.Errorf("%v, %v was cut", err, cut)
	}
	remove()
	remove()
	if got := r.List(); !slices.Equal(got, []Instance{monitor}) {
		t.Errorf("left: %v", got)
	}
	if _, err := r.Add(migration, note("again")); err != nil {
		t.Errorf("after it was removed: %v", err)
	}
	remove() // of the one before
	if len(r.List()) != 2 {
		t.Error("an old remove took a new instance away")
	}
}
