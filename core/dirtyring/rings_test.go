package dirtyring

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// vcpus are two that do what the test says.
type vcpus struct {
	mu       sync.Mutex
	counting bool
	harvests int
	pages    [2]uint64
	held     [2]time.Duration
	limits   [2]uint64
}

func (v *vcpus) Size() int  { return 1024 }
func (v *vcpus) VCPUs() int { return 2 }

func (v *vcpus) change(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f()
}

func (v *vcpus) Count(on bool)                { v.change(func() { v.counting = on }) }
func (v *vcpus) Harvest()                     { v.change(func() { v.harvests++ }) }
func (v *vcpus) Limit(vcpu int, pages uint64) { v.change(func() { v.limits[vcpu] = pages }) }

func (v *vcpus) Dirtied(vcpu int) (pages uint64, held time.Duration) {
	v.change(func() { pages, held = v.pages[vcpu], v.held[vcpu] })
	return pages, held
}

// state is what the vCPUs were told.
func (v *vcpus) state() (counting bool, harvests int, limits [2]uint64) {
	v.change(func() { counting, harvests, limits = v.counting, v.harvests, v.limits })
	return counting, harvests, limits
}

func second() time.Duration { return time.Second }

// In use, rings are emptied once in a period, by however many they are used.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vcpus{}
		var period atomic.Int64
		period.Store(int64(time.Second))
		r := New(v, func() time.Duration { return time.Duration(period.Load()) })
		defer r.Close()
		one, two := r.Watch(), r.Watch()
		time.Sleep(3500 * time.Millisecond)
		one()
		if counting, n, _ := v.state(); !counting || n != 3 {
			t.Errorf("counting %v, %d times emptied", counting, n)
		}
		period.Store(int64(100 * time.Millisecond)) // from the next look on
		time.Sleep(1050 * time.Millisecond)
		if _, n, _ := v.state(); n != 3+1+5 {
			t.Errorf("%d times emptied", n)
		}
		two()
		time.Sleep(time.Minute)
		if counting, n, _ := v.state(); counting || n != 9 {
			t.Errorf("counting %v, %d times emptied after the last use", counting, n)
		}
		v.change(func() { v.pages = [2]uint64{5, 6} })
		if got := r.Dirtied(); !slices.Equal(got, []uint64{5, 6}) {
			t.Errorf("dirtied %v", got)
		}
		r.Harvest()
		if _, n, _ := v.state(); n != 10 {
			t.Error("Harvest does not empty them")
		}
	})
}

func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vcpus{}
		r := New(v, second)
		defer r.Close()
		is := func(what string, service bool, limits [2]uint64) {
			t.Helper()
			counting, _, told := v.state()
			if counting != service || r.InService() != service || told != limits {
				t.Errorf("%s: counting %v, in service %v, limits %v, want %v and %v", what, counting, r.InService(), told, service, limits)
			}
		}
		is("at first", false, [2]uint64{})
		r.Set(1, 50)
		is("one", true, [2]uint64{0, 50 << 8})
		r.Set(All, 7)
		is("all", true, [2]uint64{7 << 8, 7 << 8})
		r.Set(0, 0)
		is("one less", true, [2]uint64{0, 7 << 8})
		r.Rule(30)
		is("a rule", true, [2]uint64{30 << 8, 30 << 8})
		if got := r.Limits(); !slices.Equal(got, []Limit{{0, 30, 0}, {1, 30, 0}}) {
			t.Errorf("limits %v", got)
		}
		r.Rule(0)
		is("the rule's end", true, [2]uint64{0, 7 << 8})
		if got := r.Limits(); !slices.Equal(got, []Limit{{1, 7, 0}}) {
			t.Errorf("limits %v", got)
		}
		r.Set(1, 1<<63)
		is("more than there can be", true, [2]uint64{0, maxRate << 8})
		if got := r.Limits(); got[0].Most != 1<<63 {
			t.Errorf("limits %v", got)
		}
		r.Set(All, 0)
		is("none", false, [2]uint64{})
		if got := r.Limits(); got != nil {
			t.Errorf("limits %v", got)
		}
	})
}

// What is told is that of the last period.
func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vcpus{pages: [2]uint64{1 << 30, 0}, held: [2]time.Duration{time.Hour, 0}}
		r := New(v, second)
		defer r.Close()
		r.Set(All, 4)
		if held, fill := r.Times(); held != 0 || fill != 0 {
			t.Errorf("before a period is over: %v, %v", held, fill)
		}
		// Two rings full in a second, of which three quarters were for waiting.
		v.change(func() { v.pages[0] += 2048; v.held[0] += 750 * time.Millisecond })
		time.Sleep(time.Second)
		synctest.Wait()
		if got := r.Limits(); !slices.Equal(got, []Limit{{0, 4, 8}, {1, 4, 0}}) {
			t.Errorf("limits %v", got)
		}
		if held, fill := r.Times(); held != 375*time.Millisecond || fill != 125*time.Millisecond {
			t.Errorf("held for %v, filled in %v", held, fill)
		}
		// Half a ring of each; the other one is not held.
		v.change(func() {
			v.pages[0] += 512
			v.held[0] += 2 * time.Second // a wait that began before counts now
			v.pages[1] += 512
		})
		time.Sleep(time.Second)
		synctest.Wait()
		if got := r.Limits(); !slices.Equal(got, []Limit{{0, 4, 2}, {1, 4, 2}}) {
			t.Errorf("limits %v", got)
		}
		if held, fill := r.Times(); held != 2*time.Second || fill != 2*time.Second {
			t.Errorf("held for %v, filled in %v", held, fill)
		}
		// A vCPU that does nothing has no other times.
		time.Sleep(time.Second)
		synctest.Wait()
		if got := r.Limits(); !slices.Equal(got, []Limit{{0, 4, 0}, {1, 4, 0}}) {
			t.Errorf("limits %v", got)
		}
		if held, fill := r.Times(); held != 2*time.Second || fill != 2*time.Second {
			t.Errorf("held for %v, filled in %v", held, fill)
		}
	})
}

func TestCloseEndsEverything(t *testing.T) {
	v := &vcpus{}
	r := New(v, func() time.Duration { return time.Hour })
	done := r.Watch()
	r.Set(All, 5)
	r.Close()
	if counting, _, _ := v.state(); counting {
		t.Error("the vCPUs count after the end")
	}
	done()
	r.Set(All, 6)
	r.Rule(7)
	r.Watch()()
	if counting, n, limits := v.state(); counting || n != 0 || limits[0] != 5<<8 {
		t.Errorf("after the end: counting %v, %d, %v", counting, n, limits)
	}
	r.Close()
}
