package postcopy

import (
	"fmt"
	"slices"
	"testing"
	"unsafe"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/trace"
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
