package dirtyrate

import (
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

// write changes every page of the first part of b.
func write(b *memory.Block, part float64) {
	for n := range uint64(float64(b.Pages()) * part) {
		b.Page(n)[0]++
		b.MarkWritten(n)
	}
}

func TestMeter(t *testing.T) {
	const size = 64 << 20
	for _, test := range []struct {
		part      float64
		low, high int64 // MiB per second
	}{{0, 0, 0}, {0.5, 12, 20}, {1, 32, 32}} {
		synctest.Test(t, func(t *testing.T) {
			b := block(t, size)
			write(b, 1)
			var m Meter
			defer m.Close()
			if r := m.Result(); r != (Result{}) {
				t.Errorf("before: %+v", r)
			}
			if !m.Start([]*memory.Block{b}, 2*time.Second, 16384) {
				t.Fatal("it did not start")
			}
			synctest.Wait()
			if r := m.Result(); r.Status != Measuring || r.Time != 2*time.Second || r.Samples != 16384 || r.Began.IsZero() {
				t.Errorf("while it measures: %+v", r)
			}
			if m.Start(nil, time.Second, 512) {
				t.Error("a second one started")
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
		m.Start([]*memory.Block{block(t, 4096)}, time.Second, 128)
		time.Sleep(time.Second)
		synctest.Wait()
		if r := m.Result(); r.Status != Measured || r.Rate != 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestCloseEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Meter
		m.Start([]*memory.Block{block(t, 1<<20)}, time.Hour, 512)
		began := time.Now()
		m.Close()
		if time.Since(began) != 0 || m.Result().Status != Measuring {
			t.Errorf("%v, %+v", time.Since(began), m.Result())
		}
	})
}
