package qcow2

import (
	"bytes"
	"testing"

	"qmpmigrate/core/block"
)

// Small clusters and wide counts make all tables grow soon.
func TestTablesGrow(t *testing.T) {
	const size = 6 << 20
	s := &memory{}
	if err := Create(s, CreateOptions{Size: size, ClusterBits: 9, RefcountBits: 64}); err != nil {
		t.Fatal(err)
	}
	s.safe = bytes.Clone(s.data)
	i := open(t, s, Options{})
	before, table := len(i.refTable), i.h.refTableOffset
	sound := func(s block.Storage) {
		t.Helper()
		if r, err := open(t, s, Options{}).Check(); err != nil || r.Errors != 0 {
			t.Fatalf("%+v %v", r, err)
		}
	}
	want := make([]byte, size)
	for off := int64(0); off < size; off += 100_000 {
		p := bytes.Repeat([]byte{byte(off/100_000) + 1}, int(min(100_000, size-off)))
		copy(want[off:], p)
		if _, err := i.WriteAt(p, off); err != nil {
			t.Fatal(err)
		}
		sound(s.cut(uint64(off)))
	}
	if len(i.refTable) == before || i.h.refTableOffset == table {
		t.Error("the refcount table did not grow")
	}
	l1 := len(i.l1)
	if err := i.WriteVMState(bytes.Repeat([]byte{9}, 1<<20), 3<<20); err != nil {
		t.Fatal(err)
	}
	sound(s.cut(1))
	if len(i.l1) == l1 {
		t.Error("the L1 table did not grow")
	}
	if _, err := i.Create(block.Snapshot{Name: "s", VMStateSize: 4 << 20}); err != nil {
		t.Fatal(err)
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	i = open(t, s, Options{})
	if r, err := i.Check(); err != nil || r.Errors != 0 || r.Leaks != 0 {
		t.Fatalf("%+v %v", r, err)
	}
	got := make([]byte, size)
	if _, err := i.ReadAt(got, 0); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the disk is not what was written: %v", err)
	}
}

// Tables that are not kept in memory are read again, and written before.
func TestTablesDoNotAllFit(t *testing.T) {
	const size = 4 << 20
	s := &memory{}
	if err := Create(s, CreateOptions{Size: size, ClusterBits: 9}); err != nil {
		t.Fatal(err)
	}
	i := open(t, s, Options{})
	i.l2.limit, i.counts.limit = cacheTables, cacheTables
	want := make([]byte, size)
	for n := range int64(3000) {
		off := n * 7919 * 512 % size
		want[off] = byte(n) | 1
		if _, err := i.WriteAt(want[off:off+512], off); err != nil {
			t.Fatal(err)
		}
	}
	got := make([]byte, size)
	if _, err := i.ReadAt(got, 0); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the disk is not what was written: %v", err)
	}
	if r, err := i.Check(); err != nil || r.Errors != 0 || r.Leaks != 0 {
		t.Errorf("%+v %v", r, err)
	}
	if len(i.l2.tables) > cacheTables || len(i.counts.tables) > cacheTables {
		t.Errorf("%d and %d tables are kept", len(i.l2.tables), len(i.counts.tables))
	}
}
