package postcopy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

type nobody struct{}

func (nobody) Request(string, uint64, uint32) error { return nil }

// The events have QEMU's names: measurements pair them by the address.
func TestPoints(t *testing.T) {
	b, err := memory.New("ram", 4*memory.PageSize)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var lines []string
	set := trace.NewSet(trace.Lines(func(line string) { lines = append(lines, line) }))
	if err := set.Switch("postcopy_page_req_*", true); err != nil {
		t.Fatal(err)
	}
	m := New([]*memory.Block{b}, nil)
	m.Trace(set)
	if err := m.Discard("ram", 0, b.Size()); err != nil {
		t.Fatal(err)
	}
	if err := m.Listen(nobody{}); err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	at := m.blocks[0]
	for _, page := range []uint64{1, 3, 1} { // the last one was asked for already
		at.request(page, 0, true)
	}
	for _, page := range []uint64{0, 1, 3} { // for the first nobody asked
		if err := at.placeZero(page); err != nil {
			t.Fatal(err)
		}
	}
	name := func(page int) string { return fmt.Sprint(uintptr(unsafe.Pointer(&b.Bytes()[page*memory.PageSize]))) }
	want := []string{
		"postcopy_page_req_add addr=" + name(1) + " count=1",
		"postcopy_page_req_add addr=" + name(3) + " count=2",
		"postcopy_page_req_del addr=" + name(1) + " count=1",
		"postcopy_page_req_del addr=" + name(3) + " count=0",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("told %q, not %q", lines, want)
	}
}

// Each page that comes can be seen, and each host page that is put in its place: once.
func TestPointsOfPages(t *testing.T) {
	b := newBench(t)
	var lines []string
	set := trace.NewSet(trace.Lines(func(line string) { lines = append(lines, line) }))
	for _, name := range []string{"ram_load_postcopy_loop", "postcopy_place_page*"} {
		if err := set.Switch(name, true); err != nil {
			t.Fatal(err)
		}
	}
	b.memory.Trace(set)
	b.discard(t, "a", 0, 3*page)
	b.discard(t, "b", 0, hugePage)
	if err := b.memory.Listen(nobody{}); err != nil {
		t.Fatal(err)
	}
	c := b.memory.Channel(1, b.cursor, &b.stats)
	records := [][]byte{record("a", page, 1), record("", page, 2), record("", 2*page, 0)}
	for part := range uint64(4) {
		records = append(records, record("b", part*page, byte(part)))
	}
	if err := b.load(c, records...); err != nil {
		t.Fatal(err)
	}
	at := func(b *memory.Block, n uint64) string { return fmt.Sprint(uintptr(unsafe.Pointer(&b.Page(n)[0]))) }
	came := func(addr uint64, flags wire.RAMFlags) string {
		return fmt.Sprintf("ram_load_postcopy_loop channel=1 addr=%d flags=%d", addr, uint64(flags))
	}
	want := []string{
		came(page, wire.RAMPage), "postcopy_place_page host_addr=" + at(b.a, 1),
		came(page, wire.RAMPage|wire.RAMContinue), // it is there
		came(2*page, wire.RAMZero|wire.RAMContinue), "postcopy_place_page_zero host_addr=" + at(b.a, 2),
		came(0, wire.RAMZero), came(page, wire.RAMPage), came(2*page, wire.RAMPage), came(3*page, wire.RAMPage),
		"postcopy_place_page host_addr=" + at(b.b, 0),
	}
	if !slices.Equal(lines, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	holds(t, b.a, 1, 1)
}
