package ram

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// arrivals are the pages that came on the channels of one postcopy.
type arrivals map[string]map[uint64]int

// take reads the records of one channel up to its end, the last of ends EOS
// records; last is the block that it named before. Host pages must come whole,
// one after the other.
func (a arrivals) take(t *testing.T, data []byte, from []*memory.Block, last *memory.Block, ends int) {
	t.Helper()
	var next, part uint64 // target pages of the same host page that are still to come
	for {
		word := binary.BigEndian.Uint64(data)
		addr, flags := wire.SplitRAM(word)
		data = data[wire.RAMHeaderSize:]
		if flags == wire.RAMEOS {
			if ends--; ends == 0 {
				break
			}
			continue
		}
		if flags&wire.RAMContinue == 0 {
			name := string(data[1:][:data[0]])
			data = data[1+len(name):]
			for _, b := range from {
				if b.Name() == name {
					last = b
				}
			}
		}
		page := addr / memory.PageSize
		host := last.HostPage() / memory.PageSize
		if part == 0 && page%host != 0 || part > 0 && page != next {
			t.Fatalf("page %d of %s does not continue a host page", page, last.Name())
		}
		if part == 0 {
			part = host
		}
		part, next = part-1, page+1
		if flags&wire.RAMPage != 0 {
			if !bytes.Equal(data[:memory.PageSize], last.Page(page)) {
				t.Fatalf("page %d of %s differs", page, last.Name())
			}
			data = data[memory.PageSize:]
		} else {
			data = data[1:]
		}
		if a[last.Name()] == nil {
			a[last.Name()] = map[uint64]int{}
		}
		a[last.Name()][page]++
	}
	if len(data) > 0 || part > 0 {
		t.Errorf("%d bytes behind the end, %d pages of a host page did not come", len(data), part)
	}
}

// What is asked for overtakes the rest on its own channel, and every page goes
// once, on one of the two.
func TestPreempt(t *testing.T) {
	const huge = memory.HugePage / memory.PageSize
	from := source(t, 4*huge, 3000)
	from[0].SetHostPage(memory.HugePage)
	for _, b := range from {
		for p := range b.Pages() {
			if p%3 != 0 {
				scribble(b, p, byte(p))
			}
		}
	}
	var main, fast, before bytes.Buffer
	var stats Stats
	s := NewSaver(from, &stats, Options{Postcopy: true})
	w := stream.NewWriter(&before)
	if err := s.Start(w, time.Now()); err != nil {
		t.Fatal(err)
	}
	// Precopy ends inside of a host page.
	if err := s.Iterate(w, once()); err != nil || s.blocks[0].pos%huge == 0 {
		t.Fatal("the scan stands between host pages", err)
	}
	s.Sync(time.Now())
	s.Discards(func([]byte) {})
	s.Preempt(stream.NewWriter(&fast))

	var hearing sync.WaitGroup
	hearing.Go(func() {
		requests, random := s.Requests(nil), rand.New(rand.NewPCG(1, 2))
		for range 500 {
			b := from[random.IntN(2)]
			start := random.Uint64N(b.Size()) / b.HostPage() * b.HostPage()
			if err := requests.Add(true, b.Name(), start, b.HostPage()); err != nil {
				t.Error(err)
			}
		}
	})
	w, ends := stream.NewWriter(&main), 0
	for s.Pending() > 0 {
		if err := s.Iterate(w, once()); err != nil {
			t.Fatal(err)
		}
		ends++
	}
	if err := s.EndPreempt(); err != nil {
		t.Fatal(err)
	}
	hearing.Wait()
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	a := arrivals{}
	a.take(t, main.Bytes(), from, from[0], ends)
	a.take(t, fast.Bytes(), from, nil, 1)
	for _, b := range from {
		if uint64(len(a[b.Name()])) != b.Pages() {
			t.Errorf("%d of %d pages of %s came", len(a[b.Name()]), b.Pages(), b.Name())
		}
		for p, n := range a[b.Name()] {
			if n != 1 {
				t.Errorf("page %d of %s came %d times", p, b.Name(), n)
			}
		}
	}
	if got := stats.Preempted.Load(); got == 0 || got != uint64(fast.Len()-wire.RAMHeaderSize) {
		t.Errorf("%d bytes are counted of %d", got, fast.Len())
	}
}

// once is room for a few pages.
func once() func() int64 {
	left := int64(40 * memory.PageSize)
	return func() int64 { left -= 30 * memory.PageSize; return max(left, 0) }
}

// A channel that breaks is told of by the request that meets it, and no more
// goes out on it.
func TestBrokenPreempt(t *testing.T) {
	from := source(t, 8)
	var stats Stats
	s := NewSaver(from, &stats, Options{Postcopy: true})
	if err := s.Start(stream.NewWriter(discard{}), time.Now()); err != nil {
		t.Fatal(err)
	}
	s.Discards(func([]byte) {})
	broken := errors.New("broken")
	s.Preempt(stream.NewWriter(failing{broken}))
	if err := s.Requests(nil).Add(true, "block0", 0, memory.PageSize); !errors.Is(err, broken) {
		t.Errorf("the request ends with %v", err)
	}
	if err := s.EndPreempt(); !errors.Is(err, broken) {
		t.Errorf("the end is %v", err)
	}
	s.Reconnect()
	if err := s.EndPreempt(); err != nil {
		t.Errorf("without a channel: %v", err)
	}
	if err := s.Requests(nil).Add(true, "block0", memory.PageSize, memory.PageSize); err != nil || !s.Asked() {
		t.Errorf("the request does not wait for the main channel: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
