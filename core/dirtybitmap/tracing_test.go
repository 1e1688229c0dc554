package dirtybitmap

import (
	"slices"
	"strings"
	"testing"
	"time"

	"qmpmigrate/core/block"
	"qmpmigrate/core/trace"
)

// told is a set, all of whose events tell, and what they told.
func told(t *testing.T) (set *trace.Set, lines *[]string) {
	lines = &[]string{}
	set = trace.NewSet(trace.Lines(func(line string) { *lines = append(*lines, line) }))
	if err := set.Switch("*", true); err != nil {
		t.Fatal(err)
	}
	return set, lines
}

// A bitmap's way can be followed at both ends: its start, a chunk that is written, one of zeros, its end.
func TestTraces(t *testing.T) {
	const size = 2 * 8192 * block.Sector
	from, node := disk("n", size)
	to, _ := disk("n", size)
	b := add(node, "b", block.Sector, true)
	b.Set(0, 1)
	s, l := NewSaver(from, nil), NewLoader(to, nil, noReport(t))
	source, sent := told(t)
	s.TraceTo(source)
	target, came := told(t)
	l.TraceTo(target)
	load(t, l, written(t, start(s)))
	s.Sync(time.Time{})
	load(t, l, written(t, s.Complete))
	want := []string{
		"send_bitmap_header_enter", "dirty_bitmap_state_pending pending=2048",
		"dirty_bitmap_save_complete_enter",
		"send_bitmap_bits flags=64 start_sector=0 nr_sectors=8192 data_size=1024", "send_bitmap_header_enter",
		"send_bitmap_bits flags=66 start_sector=8192 nr_sectors=8192 data_size=0", "send_bitmap_header_enter",
		"send_bitmap_header_enter", "dirty_bitmap_save_complete_finish",
	}
	if !slices.Equal(*sent, want) {
		t.Errorf("the source told\n%s\nwant\n%s", strings.Join(*sent, "\n"), strings.Join(want, "\n"))
	}
	want = []string{
		"dirty_bitmap_load_enter", "dirty_bitmap_load_header flags=28", "dirty_bitmap_load_header flags=1", "dirty_bitmap_load_success",
		"dirty_bitmap_load_enter", "dirty_bitmap_load_header flags=64", "dirty_bitmap_load_bits_enter first_sector=0 nr_sectors=8192",
		"dirty_bitmap_load_header flags=66", "dirty_bitmap_load_bits_enter first_sector=8192 nr_sectors=8192", "dirty_bitmap_load_bits_zeroes",
		"dirty_bitmap_load_header flags=32", "dirty_bitmap_load_complete", "dirty_bitmap_load_header flags=1", "dirty_bitmap_load_success",
	}
	if !slices.Equal(*came, want) {
		t.Errorf("the destination told\n%s\nwant\n%s", strings.Join(*came, "\n"), strings.Join(want, "\n"))
	}
}
