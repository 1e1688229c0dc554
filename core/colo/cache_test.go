package colo

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"qmpmigrate/core/memory"
)

func newBlock(t testing.TB, pages uint64) *memory.Block {
	t.Helper()
	b, err := memory.New("ram", pages*memory.PageSize)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func write(b *memory.Block, n uint64, value byte) {
	for i := range b.Page(n) {
		b.Page(n)[i] = value
	}
	b.MarkWritten(n)
}

func load(b *memory.Block, n uint64, value byte) {
	if value == 0 {
		b.Clear(n)
		return
	}
	for i := range b.Page(n) {
		b.Page(n)[i] = value
	}
	b.Populate(n, 1)
}

// Whatever the VM and its primary write, a flush leaves what the primary has;
// before it the VM sees nothing of that.
func TestFlush(t *testing.T) {
	const pages = 300
	guest := newBlock(t, pages)
	var want [pages]byte
	for n := range uint64(pages) {
		if n%3 == 0 {
			want[n] = byte(n)
			write(guest, n, byte(n))
		}
	}
	c, err := NewCache([]*memory.Block{guest})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Watch()
	shadow := c.Copy(guest)
	if shadow == guest || c.Copy(shadow) != shadow {
		t.Error("the wrong block is copied")
	}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 50 {
		touched := map[uint64]bool{}
		for range random.IntN(40) {
			n := random.Uint64N(pages)
			write(guest, n, byte(random.IntN(3)))
			touched[n] = true
		}
		before := bytes.Clone(guest.Bytes())
		for range random.IntN(40) {
			n, value := random.Uint64N(pages), byte(random.IntN(3))
			if shadow.Populated(n) || value != 0 {
				touched[n] = true
			}
			load(shadow, n, value)
			want[n] = value
		}
		if !bytes.Equal(guest.Bytes(), before) {
			t.Fatalf("round %d: the VM sees what is not a whole checkpoint", round)
		}
		if got := c.Flush(); got != uint64(len(touched)) {
			t.Errorf("round %d: %d pages, %d were touched", round, got, len(touched))
		}
		for n := range uint64(pages) {
			if p := guest.Page(n); bytes.Count(p, want[n:n+1]) != len(p) {
				t.Fatalf("round %d: page %d holds %d, want %d", round, n, p[0], want[n])
			}
		}
	}
	if n := testing.AllocsPerRun(10, func() { write(guest, 3, 9); load(shadow, 5, 7); c.Flush() }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Pages that are zero cost nothing in the copy either.
func TestCacheOfAnEmptyBlock(t *testing.T) {
	guest := newBlock(t, 8<<30/memory.PageSize)
	write(guest, 1<<20, 5)
	write(guest, 5, 0)
	c, err := NewCache([]*memory.Block{guest})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	copied := c.Copy(guest)
	if !copied.Populated(1<<20) || copied.Populated(5) || copied.Page(1 << 20)[7] != 5 {
		t.Error("not what was written is copied")
	}
}
