package ram

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

const largePage = 16 * memory.PageSize

// records reads the pages that a body brings: "block:page", in their order.
func records(t interface{ Fatalf(string, ...any) }, body []byte, block string) (pages []string) {
	for len(body) > 0 {
		addr, flags := wire.SplitRAM(binary.BigEndian.Uint64(body))
		body = body[8:]
		if flags == wire.RAMEOS {
			continue
		}
		if flags&wire.RAMContinue == 0 {
			n := int(body[0])
			block, body = string(body[1:1+n]), body[1+n:]
		}
		if block == "" {
			t.Fatalf("the first record names no block")
		}
		pages = append(pages, block+":"+string(rune('a'+addr/memory.PageSize)))
		if flags&wire.RAMPage != 0 {
			body = body[memory.PageSize:]
		} else {
			body = body[1:]
		}
	}
	return pages
}

// following makes a saver of blocks whose guest runs elsewhere, without any of their pages.
func following(blocks []*memory.Block, options Options) (*Saver, *stream.Writer, *bytes.Buffer) {
	out := &bytes.Buffer{}
	w := stream.NewWriter(out)
	s := NewSaver(blocks, &Stats{}, options)
	_ = s.Start(w, time.Now())
	s.Sync(time.Now())
	s.Discards(func([]byte) {})
	w.Flush()
	out.Reset()
	return s, w, out
}

// What is wanted comes first, then what lies behind it; what was sent is not
// sent again.
func TestWantedFirst(t *testing.T) {
	blocks := source(t, 6, 4)
	blocks[1].SetHostPage(2 * memory.PageSize)
	s, w, out := following(blocks, Options{})
	r := s.Requests(nil)
	for _, ask := range []struct {
		named       bool
		block       string
		start, size uint64
	}{{true, "block1", 3, 1}, {true, "block0", 4, 1}, {false, "", 4, 1}, {true, "block1", 2, 1}} {
		if err := r.Add(ask.named, ask.block, ask.start*memory.PageSize, ask.size*memory.PageSize); err != nil {
			t.Fatal(err)
		}
	}
	if !s.Asked() {
		t.Error("nothing is asked for")
	}
	_ = s.Iterate(w, func() int64 { return 0 })
	w.Flush()
	const want = "block1:c block1:d block0:e"
	if got := strings.Join(records(t, out.Bytes(), ""), " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := r.Add(true, "block0", 4*memory.PageSize, memory.PageSize); err != nil || s.Asked() {
		t.Errorf("%v, a page that was sent is asked for: %v", err, s.Asked())
	}
	out.Reset()
	_ = s.Iterate(w, func() int64 { return 1 << 40 })
	w.Flush()
	const rest = "block0:f block1:a block1:b block0:a block0:b block0:c block0:d"
	if got := strings.Join(records(t, out.Bytes(), "block0"), " "); got != rest || s.Pending() != 0 {
		t.Errorf("got %s, want %s; %d are pending", got, rest, s.Pending())
	}
}

// The block of a request that names none is that of the one before, also where that came on a link which broke.
func TestBlockOfTheLastLink(t *testing.T) {
	s, _, _ := following(source(t, 6), Options{})
	if err := s.Requests(nil).Add(false, "", 0, memory.PageSize); err == nil {
		t.Error("there is none before the first one")
	}
	if err := s.Requests(nil).Add(true, "block0", 0, memory.PageSize); err != nil {
		t.Fatal(err)
	}
	s.Reconnect()
	if err := s.Requests(nil).Add(false, "", memory.PageSize, memory.PageSize); err != nil || !s.Asked() {
		t.Errorf("%v; asked: %v", err, s.Asked())
	}
}

// One command names only so many ranges, and a block that is complete none.
func TestManyDiscards(t *testing.T) {
	blocks := source(t, 60, 5)
	s := NewSaver(blocks, &Stats{}, Options{})
	w := stream.NewWriter(discard{})
	_ = s.Start(w, time.Now())
	_ = s.Complete(w)
	for p := uint64(0); p < 60; p += 2 {
		blocks[0].MarkWritten(p)
	}
	s.Sync(time.Now())
	next := uint64(0)
	var counts []int
	s.Discards(func(payload []byte) {
		d, err := wire.ParseDiscard(payload)
		if err != nil || d.Block != "block0" {
			t.Fatalf("%v, block %s", err, d.Block)
		}
		counts = append(counts, len(d.Ranges)/16)
		_ = d.Each(func(start, length uint64) error {
			if start != next*memory.PageSize || length != memory.PageSize {
				t.Errorf("%d bytes at %d", length, start)
			}
			next += 2
			return nil
		})
	})
	if !slices.Equal(counts, []int{12, 12, 6}) {
		t.Errorf("commands with %d ranges", counts)
	}
}

// Whole host pages are discarded, and sent in one piece, however little room there is.
func TestWholeHostPages(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b, err := memory.New("huge", 8*largePage)
		if err != nil {
			rt.Fatal(err)
		}
		defer b.Close()
		b.SetHostPage(largePage)
		var out bytes.Buffer
		w := stream.NewWriter(&out)
		s := NewSaver([]*memory.Block{b}, &Stats{}, Options{Postcopy: true})
		_ = s.Start(w, time.Now())
		_ = s.Complete(w)
		for _, p := range rapid.SliceOf(rapid.Uint64Range(0, b.Pages()-1)).Draw(rt, "written") {
			b.MarkWritten(p)
		}
		s.Sync(time.Now())
		discarded := map[uint64]bool{}
		s.Discards(func(payload []byte) {
			d, err := wire.ParseDiscard(payload)
			if err != nil {
				rt.Fatal(err)
			}
			_ = d.Each(func(start, length uint64) error {
				if start%largePage != 0 || length%largePage != 0 || length == 0 {
					rt.Fatalf("%d bytes at %d are discarded", length, start)
				}
				for at := start; at < start+length; at += memory.PageSize {
					discarded[at] = true
				}
				return nil
			})
		})
		w.Flush()
		out.Reset()
		for s.Pending() > 0 {
			_ = s.Iterate(w, func() int64 {
				if rapid.Bool().Draw(rt, "room") {
					return 1
				}
				return 0
			})
		}
		w.Flush()
		body, last := out.Bytes(), uint64(0)
		count := 0
		for len(body) > 0 {
			addr, flags := wire.SplitRAM(binary.BigEndian.Uint64(body))
			body = body[8:]
			if flags == wire.RAMEOS {
				continue
			}
			if flags&wire.RAMContinue == 0 {
				body = body[1+int(body[0]):]
			}
			if flags&wire.RAMPage != 0 {
				body = body[memory.PageSize:]
			} else {
				body = body[1:]
			}
			if !discarded[addr] || addr%largePage != 0 && addr != last+memory.PageSize {
				rt.Fatalf("page at %d comes after %d", addr, last)
			}
			delete(discarded, addr)
			last = addr
			count++
		}
		if len(discarded) > 0 {
			rt.Fatalf("%d pages were discarded and did not come", len(discarded))
		}
	})
}

// The START body names the size of pages that are not the usual ones.
func TestStartNamesHostPages(t *testing.T) {
	blocks := source(t, 512, 1)
	blocks[0].SetHostPage(2 << 20)
	for _, postcopy := range []bool{false, true} {
		var out bytes.Buffer
		w := stream.NewWriter(&out)
		s := NewSaver(blocks, &Stats{}, Options{Postcopy: postcopy})
		_ = s.Start(w, time.Now())
		w.Flush()
		want := wire.AppendRAM(nil, 513*memory.PageSize, wire.RAMMemSize)
		want = wire.AppendRAMSize(want, "block0", 2<<20)
		if postcopy {
			want = binary.BigEndian.AppendUint64(want, 2<<20)
		}
		want = wire.AppendRAMSize(want, "block1", memory.PageSize)
		want = binary.BigEndian.AppendUint64(want, uint64(wire.RAMEOS))
		if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("postcopy %v: % x", postcopy, out.Bytes())
		}
		if sizes := s.HostPages(); sizes != 2<<20|memory.PageSize {
			t.Errorf("host pages are 0x%x", sizes)
		}
	}
}

// More requests than fit wait, and the wait can be ended.
func TestRequestsAreBounded(t *testing.T) {
	s, _, _ := following(source(t, 4), Options{})
	stop := make(chan struct{})
	r := s.Requests(stop)
	done := make(chan int)
	go func() {
		n := 0
		for ; n < 3*maxWanted; n++ {
			if n == maxWanted {
				close(stop)
			}
			if r.Add(true, "block0", 0, memory.PageSize) != nil {
				break
			}
		}
		done <- n
	}()
	if n := <-done; n != 3*maxWanted || len(s.wanted) != maxWanted {
		t.Errorf("%d were taken, %d wait", n, len(s.wanted))
	}
	s.Reconnect()
	if s.Asked() {
		t.Error("requests of a lost link are served")
	}
}

// What was sent in postcopy, and before, is given back where that is wanted.
func TestReleaseRAM(t *testing.T) {
	for _, release := range []bool{false, true} {
		blocks := source(t, 8)
		for p := range uint64(8) {
			scribble(blocks[0], p, 1)
		}
		s, w, _ := following(blocks, Options{Release: release})
		s.blocks[0].todo.ClearRange(0, 3)
		s.ReleaseSent(w)
		left := func() (n int) {
			for p := range uint64(8) {
				if blocks[0].Populated(p) {
					n++
				}
			}
			return n
		}
		want := []int{8, 8}
		if release {
			want = []int{5, 0}
		}
		if n := left(); n != want[0] {
			t.Errorf("release %v: %d pages are left", release, n)
		}
		_ = s.Iterate(w, func() int64 { return 1 << 40 })
		if n := left(); n != want[1] {
			t.Errorf("release %v: %d pages are left at the end", release, n)
		}
	}
}

// Requests are served without a look at more than they name.
func TestServingDoesNotAllocate(t *testing.T) {
	s, _, _ := following(source(t, 64), Options{})
	w := stream.NewWriter(discard{})
	r := s.Requests(nil)
	if n := testing.AllocsPerRun(100, func() {
		s.blocks[0].todo.SetAll()
		_ = r.Add(true, "block0", 5*memory.PageSize, memory.PageSize)
		_ = s.Iterate(w, func() int64 { return 0 })
	}); n > 0 {
		t.Errorf("%v allocations for a request", n)
	}
}
