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
}

func (v *insideVCPU) run(ready chan<- struct{}) {
	runtime.LockOSThread()
	v.slot.thread.Store(uint32(unix.Gettid()))
	v.idle.Store(true)
	close(ready)
	for s := range v.shifts {
		v.idle.Store(false)
		if w := s.program.walker(v.number, v.slot.steps.Load()); w != nil {
			run(&insideTurn{shift: s, slot: v.slot, walker: w}, s.program.rate(), &s.page.percent)
		}
		v.idle.Store(true)
	}
}

// insideTurn is a vCPU's part of a shift.
type insideTurn struct {
	*shift
	slot   *slot
	walker walker
}

func (t *insideTurn) over() bool { return t.page.shift.Load() != t.number }

// sleep keeps the thread and its processor: to give them to the scheduler and
// to take them back costs more than most sleeps are long.
func (t *insideTurn) sleep(d time.Duration) { t.page.await(t.number, d) }

// yield does nothing: others have processors of their own.
func (t *insideTurn) yield() {}

func (t *insideTurn) visit(n int) bool {
	if t.page.guarded.Load() || t.page.frozen.Load() {
		return t.visitCarefully(n)
	}
	t.slot.visiting.Store(true)
	defer t.slot.visiting.Store(false)
	for i := range n {
		if t.over() {
			n = i
			break
		}
		if !t.walker.step() {
			t.slot.steps.Add(uint64(i))
			return false
		}
	}
	t.slot.steps.Add(uint64(n))
	return true
}

// visitCarefully is visit where the next page may be absent, or not to be
// written yet: the vCPU waits for it before it begins its visit, so that it can be told to stop meanwhile.
func (t *insideTurn) visitCarefully(n int) bool {
	for range n {
		if t.over() {
			return true
		}
		touch(t.mem, t.walker.page(), t.page.frozen.Load())
		if !t.visitOne() {
			return false
		}
	}
	return true
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
