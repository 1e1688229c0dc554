package ram

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// told is a set, all of whose events tell, and what they told.
func told(t testing.TB) (set *trace.Set, lines *[]string) {
	lines = &[]string{}
	set = trace.NewSet(trace.Lines(func(line string) { *lines = append(*lines, line) }))
	if err := set.Switch("*", true); err != nil {
		t.Fatal(err)
	}
	return set, lines
}

// Each page that goes, and each that comes, can be seen: zeros only as they come.
func TestPagesAreTold(t *testing.T) {
	src := source(t, 3, 1)
	scribble(src[0], 0, 1)
	scribble(src[0], 2, 2)
	scribble(src[1], 0, 3)
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	s := NewSaver(src, &Stats{}, Options{})
	set, lines := told(t)
	s.TraceTo(set)
	for _, err := range []error{s.Start(w, time.Now()), s.Complete(w), w.Flush()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	at := func(key string, b *memory.Block, p uint64) string {
		return fmt.Sprintf("rbname=%s %s=%d", b.Name(), key, p*memory.PageSize)
	}
	in := func(b *memory.Block, p uint64) string { return fmt.Sprintf("host=%d", host(b, p)) }
	want := []string{
		"ram_save_page " + at("offset", src[0], 0) + " " + in(src[0], 0),
		"ram_save_page " + at("offset", src[0], 2) + " " + in(src[0], 2),
		"ram_save_page " + at("offset", src[1], 0) + " " + in(src[1], 0),
	}
	if !slices.Equal(*lines, want) {
		t.Errorf("the source told\n%s\nwant\n%s", strings.Join(*lines, "\n"), strings.Join(want, "\n"))
	}

	target := &blocks{max: 1 << 30}
	l := NewLoader(target, &Stats{}, Options{})
	defer l.Close()
	set, lines = told(t)
	l.TraceTo(set)
	r := stream.NewReader(&out)
	for range 2 {
		if err := l.Load(r, wire.RAMVersion); err != nil {
			t.Fatal(err)
		}
	}
	defer target.close()
	to := target.list
	page, zero := fmt.Sprintf("flags=%d", wire.RAMPage), fmt.Sprintf("flags=%d", wire.RAMZero|wire.RAMContinue)
	want = []string{
		"ram_load_start", "ram_load_complete ret=0 seq_iter=1", "ram_load_start",
		"ram_load_loop " + at("addr", to[0], 0) + " " + page + " " + in(to[0], 0),
		"ram_load_loop " + at("addr", to[0], 1) + " " + zero + " " + in(to[0], 1),
		"ram_load_loop " + at("addr", to[0], 2) + " " + fmt.Sprintf("flags=%d", wire.RAMPage|wire.RAMContinue) + " " + in(to[0], 2),
		"ram_load_loop " + at("addr", to[1], 0) + " " + page + " " + in(to[1], 0),
		"ram_load_complete ret=0 seq_iter=2",
	}
	if !slices.Equal(*lines, want) {
		t.Errorf("the destination told\n%s\nwant\n%s", strings.Join(*lines, "\n"), strings.Join(want, "\n"))
	}
	for i, b := range src {
		if !bytes.Equal(b.Bytes(), to[i].Bytes()) {
			t.Errorf("%s differs", b.Name())
		}
	}
}

// What is asked for in postcopy is told, and whether it went already.
func TestWantedPagesAreTold(t *testing.T) {
	src := source(t, 4)
	scribble(src[0], 2, 1)
	w := stream.NewWriter(&bytes.Buffer{})
	s := NewSaver(src, &Stats{}, Options{Postcopy: true})
	set, lines := told(t)
	if err := set.Switch("ram_save_page", false); err != nil {
		t.Fatal(err)
	}
	s.TraceTo(set)
	if err := s.Start(w, time.Now()); err != nil {
		t.Fatal(err)
	}
	want := Wanted{block: s.blocks[0], first: 2, count: 1}
	s.sendWanted(w, want)
	s.sendWanted(w, want)
	const page = " block_name=block0 tmp_offset=8192 page_abs=2"
	if got := []string{"get_queued_page" + page, "get_queued_page_not_dirty" + page}; !slices.Equal(*lines, got) {
		t.Errorf("told %q, want %q", *lines, got)
	}
}

// BenchmarkTraces is what events cost where pages go and come: none are there, all
// are silent, all tell. Silent ones allocate nothing.
func BenchmarkTraces(b *testing.B) {
	src := source(b, 64<<20/memory.PageSize)
	for p := range src[0].Pages() {
		scribble(src[0], p, byte(p))
	}
	silent := trace.NewSet(func(trace.Name, []trace.Field) {})
	telling := trace.NewSet(func(trace.Name, []trace.Field) {})
	if err := telling.Switch("*", true); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		set  *trace.Set
	}{{"none", nil}, {"silent", silent}, {"telling", telling}} {
		b.Run("save/"+c.name, func(b *testing.B) {
			w := stream.NewWriter(discard{})
			s := NewSaver(src, &Stats{}, Options{})
			s.TraceTo(c.set)
			b.SetBytes(64 << 20)
			b.ReportAllocs()
			for b.Loop() {
				s.blocks[0].todo.SetAll()
				if err := s.Complete(w); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("load/"+c.name, func(b *testing.B) {
			bench(b, func(l *Loader) { l.TraceTo(c.set) })
		})
	}
}
