package memory

import (
	"errors"
	"sync"
	"testing"
)

func start(t *testing.T, b *Block) {
	t.Helper()
	if err := b.StartCount(); err != nil {
		t.Fatal(err)
	}
}

func TestCountBesideALog(t *testing.T) {
	b := newBlock(t, 200)
	dirty := NewBitmap(b.Pages())
	b.MarkWritten(1)
	start(t, b)
	b.MarkWritten(2)
	b.StartLog()
	for _, n := range []uint64{2, 3, 199, 3} {
		b.MarkWritten(n)
	}
	if n := b.SyncLog(dirty); n != 3 || dirty.Get(1) || !dirty.Get(2) || !dirty.Get(199) {
		t.Errorf("the log has %d pages", n)
	}
	b.MarkWritten(3)
	if n := b.StopCount(); n != 3 {
		t.Errorf("%d pages were counted", n)
	}
	b.MarkWritten(4)
	if n := b.SyncLog(dirty); n != 2 {
		t.Errorf("the log has %d pages after the end of the count", n)
	}
	b.StopLog()
	start(t, b)
	b.MarkWritten(5)
	if n := b.StopCount(); n != 1 {
		t.Errorf("the second time %d pages were counted", n)
	}
	if n := b.SyncLog(dirty); n != 0 {
		t.Errorf("a log that nobody keeps has %d pages", n)
	}
}

// A tracker has one list of what was written: whoever asks first gets it, and must give the others theirs.
func TestCountSharesTheTracker(t *testing.T) {
	b := newBlock(t, 200)
	s := &spy{}
	b.SetTracker(s)
	dirty := NewBitmap(b.Pages())
	start(t, b)
	s.written = [][2]uint64{{0, 10}}
	b.StartLog() // takes what is the count's, and none of the log's
	s.written = [][2]uint64{{5, 10}}
	if n := b.SyncLog(dirty); n != 10 || dirty.Get(4) || !dirty.Get(14) {
		t.Errorf("the log has %d pages", n)
	}
	s.written = [][2]uint64{{100, 1}}
	if n := b.StopCount(); n != 16 {
		t.Errorf("%d pages were counted", n)
	}
	if n := b.SyncLog(dirty); n != 1 || !dirty.Get(100) {
		t.Errorf("the log lost what the count was told: %d", n)
	}
	b.StopLog()
	if s.calls != "track touched untrack " {
		t.Errorf("the tracker was asked to %s", s.calls)
	}
	start(t, b)
	s.err = errors.New("gone")
	if n := b.StopCount(); n != b.Pages() {
		t.Errorf("of a tracker that knows nothing any more %d pages were counted", n)
	}
	if err := b.StartCount(); err != s.err {
		t.Errorf("a tracker that cannot begin: %v", err)
	}
	b.MarkWritten(3)
	s.err = nil
	start(t, b)
	if n := b.StopCount(); n != 0 {
		t.Errorf("%d pages were counted before", n)
	}
}

// A page that was written is in the log, whoever counts at the same time.
func TestCountLosesNothingOfALog(t *testing.T) {
	b := newBlock(t, 4096)
	s := &queue{}
	b.SetTracker(s)
	b.StartLog()
	var others sync.WaitGroup
	stop := make(chan struct{})
	others.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if b.StartCount() == nil {
					b.StopCount()
				}
			}
		}
	})
	dirty := NewBitmap(b.Pages())
	for n := range b.Pages() {
		s.put(n)
		if b.SyncLog(dirty); !dirty.Get(n) {
			t.Fatalf("page %d is lost", n)
		}
	}
	close(stop)
	others.Wait()
}

// queue is a tracker whose writes are told once, as the system does it.
type queue struct {
	mu    sync.Mutex
	pages []uint64
}

func (q *queue) put(n uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pages = append(q.pages, n)
}

func (q *queue) Written(mark func(first, count uint64)) error {
	q.mu.Lock()
	pages := q.pages
	q.pages = nil
	q.mu.Unlock()
	for _, n := range pages {
		mark(n, 1)
	}
	return nil
}

func (*queue) Track() error                            { return nil }
func (*queue) Untrack() error                          { return nil }
func (*queue) Touched(func(first, count uint64)) error { return nil }
