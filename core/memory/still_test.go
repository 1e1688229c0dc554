package memory

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// Whatever a guest writes meanwhile, a Still gives out each page once, as it was.
func TestStillIsOneMoment(t *testing.T) {
	const pages = 2 * maxCopies
	blocks := []*Block{newBlock(t, pages), newBlock(t, 7)}
	var want [][]byte
	for _, b := range blocks {
		for n := range b.Pages() {
			if n%5 != 0 { // the others were never written
				b.Page(n)[0], b.Page(n)[4095] = byte(n), 1
				b.MarkWritten(n)
			}
		}
		want = append(want, bytes.Clone(b.Bytes()))
	}
	s, err := Freeze(blocks)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var writers sync.WaitGroup
	var writes atomic.Uint64
	for cpu := range uint64(3) {
		writers.Go(func() {
			random := rand.New(rand.NewPCG(1, cpu))
			for {
				b := blocks[random.IntN(len(blocks))]
				// Each vCPU has pages of its own, as there are no locks between them.
				n := random.Uint64N(b.Pages())/3*3 + cpu
				if n >= b.Pages() {
					continue
				}
				if !b.WaitWrite(n, int(cpu), stop) {
					return
				}
				b.Page(n)[0] ^= 0x5a
				b.Page(n)[2000]++
				b.MarkWritten(n)
				writes.Add(1)
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	got := [][]byte{make([]byte, len(want[0])), make([]byte, len(want[1]))}
	seen := [2]*Bitmap{NewBitmap(pages), NewBitmap(7)}
	for more := true; more; {
		before := writes.Load()
		for range 50 {
			var page [PageSize]byte
			var p StillPage
			if p, more = s.Next(page[:]); !more {
				break
			}
			if seen[p.Block].Get(p.Page) {
				t.Fatalf("page %d of block %d comes twice", p.Page, p.Block)
			}
			seen[p.Block].Set(p.Page)
			if !p.Zero {
				copy(got[p.Block][p.Page*PageSize:], page[:])
			}
		}
		s.Allow()
		for before == writes.Load() && s.Left() > pages/2 && copies(s) < maxCopies {
			runtime.Gosched() // the guest has its turn
		}
	}
	close(stop)
	writers.Wait()
	if s.Left() != 0 {
		t.Errorf("%d pages are left", s.Left())
	}
	if err := s.Thaw(); err != nil {
		t.Error(err)
	}
	for i := range want {
		if seen[i].Count() != blocks[i].Pages() || !bytes.Equal(got[i], want[i]) {
			t.Errorf("block %d: %d pages came; equal: %v", i, seen[i].Count(), bytes.Equal(got[i], want[i]))
		}
		if bytes.Equal(blocks[i].Bytes(), want[i]) {
			t.Errorf("block %d was not written meanwhile", i)
		}
	}
}

func copies(s *Still) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.copies)
}

// Who has to wait because there are too many copies can be stopped, and goes on
// when the Still ends, or gets on.
func TestStillHoldsWriters(t *testing.T) {
	b := newBlock(t, maxCopies+2)
	for n := range b.Pages() {
		b.Page(n)[0] = 1
		b.MarkWritten(n)
	}
	s, err := Freeze([]*Block{b})
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	close(stopped)
	for n := range uint64(maxCopies) {
		if !b.WaitWrite(n, 0, stopped) {
			t.Fatalf("page %d has to wait", n)
		}
	}
	if b.WaitWrite(maxCopies, 0, stopped) || b.WaitWriteRange(maxCopies*PageSize+5, 1, stopped) {
		t.Error("one more copy was made")
	}
	if !b.WaitWriteRange(0, PageSize, stopped) || !b.WaitWriteRange(PageSize, 0, stopped) {
		t.Error("a page that has its copy has to wait")
	}
	wrote := make(chan bool)
	go func() { wrote <- b.WaitWrite(maxCopies, 0, nil) }()
	if p, ok := s.Next(make([]byte, PageSize)); !ok || p.Page >= maxCopies {
		t.Errorf("first comes %+v, not a copy", p)
	}
	if !<-wrote {
		t.Error("it may not write when there is room again")
	}
	go func() { wrote <- b.WaitWrite(maxCopies+1, 0, nil) }()
	if err := s.Thaw(); err != nil {
		t.Error(err)
	}
	if !<-wrote || !b.WaitWrite(maxCopies+1, 0, stopped) {
		t.Error("it may not write at the end")
	}
}
