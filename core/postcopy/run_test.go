package postcopy

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// keeper is a guard that keeps account of what is placed.
type keeper struct {
	block  *memory.Block
	placed []string // first page and count
	fault  func(page uint64, cpu int)
}

func (k *keeper) Guard(fault func(page uint64, cpu int)) error { k.fault = fault; return nil }
func (k *keeper) Unguard() error                               { return nil }

func (k *keeper) Place(first uint64, data []byte) error {
	k.placed = append(k.placed, fmt.Sprintf("%d+%d", first, len(data)/page))
	copy(k.block.Bytes()[first*page:], data)
	return nil
}

func (k *keeper) PlaceZero(first, count uint64) error {
	k.placed = append(k.placed, fmt.Sprintf("zero %d+%d", first, count))
	return nil
}

// Pages that follow each other are placed together, no more than whoever waits has time for, and none
// that is there already.
func TestRuns(t *testing.T) {
	b := newBench(t)
	b.discard(t, "a", 0, 40*page)
	b.discard(t, "a", 45*page, 19*page)
	k := &keeper{block: b.a}
	b.a.SetGuard(k)
	source := make(asked, 1)
	if err := b.memory.Listen(source); err != nil {
		t.Fatal(err)
	}
	k.fault(34, 0)
	source.next(t)
	var body []byte
	add := func(first, count uint64) {
		for n := first; n < first+count; n++ {
			name := ""
			if len(body) == 0 {
				name = "a"
			}
			body = append(body, record(name, n*page, byte(n+1))...)
		}
	}
	add(63, 1) // it names the block
	add(0, 3)
	add(5, 1)
	add(7, 2)
	body = append(body, record("", 9*page, 0)...)
	add(20, 40) // 40 to 44 are there already
	body = wire.AppendRAM(body, 0, wire.RAMEOS)
	if err := b.memory.Channel(0, b.cursor, &b.stats).Load(stream.NewReader(bytes.NewReader(body)), wire.RAMVersion); err != nil {
		t.Fatal(err)
	}
	want := []string{"63+1", "0+3", "5+1", "7+2", "zero 9+1", "20+16", "36+4", "45+15"}
	if !slices.Equal(k.placed, want) {
		t.Errorf("placed %v, not %v", k.placed, want)
	}
	there := func(n uint64) bool {
		return n <= 2 || n == 5 || n == 7 || n == 8 || 20 <= n && n < 40 || 45 <= n && n < 60 || n == 63
	}
	for n := range uint64(pagesA) {
		fill := byte(n + 1)
		if 40 <= n && n < 45 {
			fill = 0xee
		} else if !there(n) {
			fill = 0
		}
		if !bytes.Equal(b.a.Page(n), filled(fill)) {
			t.Errorf("page %d holds %d", n, b.a.Page(n)[0])
		}
	}
	if left := b.memory.Absent(); left != (64-5-1-3-1-2-1-20-15)*page {
		t.Errorf("%d pages are absent", left/page)
	}
	if waited := b.memory.waited.Load(); waited != 0 {
		t.Errorf("%d wait for what is there", waited)
	}
	if got := b.stats.Normal.Load(); got != 1+3+1+2+40 {
		t.Errorf("%d pages have come", got)
	}
}
