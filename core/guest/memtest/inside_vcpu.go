package memtest

import (
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/memory"
)

// shift is one time of running, from Start to Stop. It is over once the page
// has another number.
type shift struct {
	number  uint64
	page    *sharedPage
	program program
	mem     []byte
}

// insideVCPU is a vCPU with a thread of its own.
type insideVCPU struct {
	number int
	slot   *slot
	shifts chan *shift // at most the one that is to be done next
	idle   atomic.Bool
	ring   *dirtyRing // nil where there are none
}

func (v *insideVCPU) run(ready chan<- struct{}) {
	runtime.LockOSThread()
	v.slot.thread.Store(uint32(unix.Gettid()))
	v.idle.Store(true)
	close(ready)
	for s := range v.shifts {
		v.idle.Store(false)
		if w := s.program.walker(v.number, v.slot.steps.Load()); w != nil {
			run(&insideTurn{shift: s, slot: v.slot, walker: w, ring: v.ring}, s.program.rate(), &s.page.percent, v.ring)
		}
		v.idle.Store(true)
	}
}

// insideTurn is a vCPU's part of a shift.
type insideTurn struct {
	*shift
	slot   *slot
	walker walker
	ring   *dirtyRing
}

func (t *insideTurn) over() bool { return t.page.shift.Load() != t.number }

// sleep keeps the thread and its processor: to give them to the scheduler and
// to take them back costs more than most sleeps are long.
func (t *insideTurn) sleep(d time.Duration) { t.page.await(t.number, d) }

// yield does nothing: others have processors of their own.
func (t *insideTurn) yield() {}

func (t *insideTurn) visit(n int) outcome {
	if t.page.guarded.Load() || t.page.frozen.Load() {
		return t.visitCarefully(n)
	}
	t.slot.visiting.Store(true)
	defer t.slot.visiting.Store(false)
	made, end := 0, done
	for ; made < n && !t.over(); made++ {
		if t.ring != nil && !t.ring.admit(t.walker.page()) {
			end = limited
			break
		}
		if !t.walker.step() {
			end = stalled
			break
		}
	}
	t.slot.steps.Add(uint64(made))
	return end
}

// visitCarefully is visit where the next page may be absent, or not to be
// written yet: the vCPU waits for it before it begins its visit, so that it can be told to stop meanwhile.
func (t *insideTurn) visitCarefully(n int) outcome {
	for range n {
		if t.over() {
			break
		}
		page := t.walker.page()
		if t.ring != nil && !t.ring.admit(page) {
			return limited
		}
		touch(t.mem, page, t.page.frozen.Load())
		if !t.visitOne() {
			return stalled
		}
	}
	return done
}

func (t *insideTurn) visitOne() bool {
	t.slot.visiting.Store(true)
	defer t.slot.visiting.Store(false)
	if t.over() {
		return true
	}
	if !t.walker.step() {
		return false
	}
	t.slot.steps.Add(1)
	return true
}

// touch looks at page n, or writes to it what is there already, and is back once
// that is possible.
func touch(mem []byte, n uint64, write bool) {
	word := (*uint32)(unsafe.Pointer(&mem[n*memory.PageSize]))
	if write {
		atomic.AddUint32(word, 0)
		return
	}
	atomic.LoadUint32(word)
}
