package dirtyrate

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"qmpmigrate/core/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func block(t *testing.T, size uint64) *memory.Block {
	b, err := memory.New("b", size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func start(t *testing.T, m *Meter, p Plan) {
	t.Helper()
	if err := m.Start(p); err != nil {
		t.Fatal(err)
	}
}

// write changes every page of the first part of b.
func write(b *memory.Block, part float64) {
	for n := range uint64(float64(b.Pages()) * part) {
		b.Page(n)[0]++
		b.MarkWritten(n)
	}
}

func TestMeter(t *testing.T) {
	const size = 16 << 20
	for _, test := range []struct {
		part      float64
		low, high int64 // MiB per second
	}{{0, 0, 0}, {0.5, 2, 5}, {1, 8, 8}} {
		synctest.Test(t, func(t *testing.T) {
			b := block(t, size)
			write(b, 1)
			var m Meter
			defer m.Close()
			if r := m.Result(); r.Status != Unstarted || !r.Began.IsZero() {
				t.Errorf("before: %+v", r)
			}
			plan := Plan{Span: 2 * time.Second, Blocks: []*memory.Block{b}, Samples: 16384}
			start(t, &m, plan)
			synctest.Wait()
			if r := m.Result(); r.Status != Measuring || r.Time != 2*time.Second || r.Samples != 16384 || r.Began.IsZero() {
				t.Errorf("while it measures: %+v", r)
			}
			if err := m.Start(plan); err != ErrMeasuring {
				t.Errorf("a second one: %v", err)
			}
			write(b, test.part)
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if r := m.Result(); r.Status != Measured || r.Rate < test.low || r.Rate > test.high || r.Time != 2*time.Second {
				t.Errorf("%v of the memory was written: %+v", test.part, r)
			}
		})
	}
}

// TestNeverWritten: memory that nobody wrote stays unallocated and counts as unchanged.
func TestNeverWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Meter
		defer m.Close()
		start(t, &m, Plan{Span: time.Second, Blocks: []*memory.Block{block(t, 4096)}, Samples: 128})
		time.Sleep(time.Second)
		synctest.Wait()
		if r := m.Result(); r.Status != Measured || r.Rate != 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestCloseEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, mode := range []Mode{Sampling, Bitmap, Ring} {
			var m Meter
			b, r := block(t, 1<<20), &fakeRings{}
			start(t, &m, Plan{Mode: mode, Span: time.Hour, Blocks: []*memory.Block{b}, Samples: 512, Rings: r})
			began := time.Now()
			m.Close()
			if time.Since(began) != 0 || m.Result().Status != Measuring || r.users.Load() != 0 {
				t.Errorf("%d: %v, %+v, %d use the rings", mode, time.Since(began), m.Result(), r.users.Load())
			}
			// Nothing is counted any more.
			b.MarkWritten(3)
			if err := b.StartCount(); err != nil {
				t.Fatal(err)
			}
			if n := b.StopCount(); n != 0 {
				t.Errorf("%d: %d pages were counted", mode, n)
			}
		}
	})
}

// Blocks too small for a guest's memory are not looked at beside larger ones.
func TestSmallBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Meter
		defer m.Close()
		large, small := block(t, 64<<20), block(t, 64<<10)
		write(small, 1)
		start(t, &m, Plan{Span: time.Second, Blocks: []*memory.Block{small, large}, Samples: 512})
		synctest.Wait()
		write(small, 1)
		time.Sleep(time.Second)
		synctest.Wait()
		if r := m.Result(); r.Status != Measured || r.Rate != 0 {
			t.Errorf("%+v", r)
		}
	})
}

// In mode Bitmap a page counts once, also beside a migration that has its own log.
func TestBitmap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Meter
		defer m.Close()
		b, log := block(t, 16<<20), memory.NewBitmap(16<<20/memory.PageSize)
		write(b, 1)
		b.StartLog()
		start(t, &m, Plan{Mode: Bitmap, Span: 2 * time.Second, Blocks: []*memory.Block{b}, Samples: 512})
		synctest.Wait()
		write(b, 0.25)
		if n := b.SyncLog(log); n != b.Pages()/4 {
			t.Errorf("the migration's log has %d pages", n)
		}
		write(b, 0.5)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if r := m.Result(); r.Status != Measured || r.Mode != Bitmap || r.Rate != 4 || r.VCPUs != nil {
			t.Errorf("%+v", r)
		}
		if n := b.SyncLog(log); n != b.Pages()/2 {
			t.Errorf("the migration's log has %d pages afterwards", n)
		}
	})
}

// blind is a tracker that cannot begin.
type blind struct{ memory.Tracker }

func (blind) Track() error                                 { return errors.New("it is blind") }
func (blind) Untrack() error                               { return nil }
func (blind) Touched(func(first, count uint64)) error      { return nil }
func (blind) Written(mark func(first, count uint64)) error { return nil }

func TestBitmapThatCannotBegin(t *testing.T) {
	var m Meter
	defer m.Close()
	good, bad := block(t, 1<<20), block(t, 1<<20)
	bad.SetTracker(blind{})
	err := m.Start(Plan{Mode: Bitmap, Span: time.Hour, Blocks: []*memory.Block{good, bad}})
	if err == nil || err.Error() != "it is blind" || m.Result().Status != Unstarted {
		t.Errorf("%v, %+v", err, m.Result())
	}
}

// fakeRings are those of two vCPUs.
type fakeRings struct {
	users atomic.Int32
	pages [2]atomic.Uint64
}

func (r *fakeRings) Watch() func() {
	r.users.Add(1)
	return func() { r.users.Add(-1) }
}

func (r *fakeRings) Dirtied() []uint64 { return []uint64{r.pages[0].Load(), r.pages[1].Load()} }

func TestRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Meter
		defer m.Close()
		r := &fakeRings{}
		r.pages[0].Store(5)
		r.pages[1].Store(7)
		start(t, &m, Plan{Mode: Ring, Span: 500 * time.Millisecond, Rings: r})
		synctest.Wait()
		if r.users.Load() != 1 {
			t.Errorf("%d use the rings", r.users.Load())
		}
		r.pages[0].Add(256 * 10)
		r.pages[1].Add(256*3 + 255)
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		if got := m.Result(); got.Status != Measured || got.Rate != 27 || !slices.Equal(got.VCPUs, []int64{20, 7}) || r.users.Load() != 0 {
			t.Errorf("%+v, %d use the rings", got, r.users.Load())
		}
	})
}
