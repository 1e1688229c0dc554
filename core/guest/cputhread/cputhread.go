// Package cputhread has threads of the system that vCPUs run on.
package cputhread

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// Threads has a thread for each vCPU. What a vCPU does is done by goroutines,
// which share threads; but tools want to know a thread of each, to see what it
// costs and to bind it to processors. They are made when somebody first asks,
// and sleep where there is nothing to do. The zero value has none. Its methods
// may be called from any goroutine, Run only by one at a time.
type Threads struct {
	mu      sync.Mutex
	threads []thread
	closed  bool
	done    sync.WaitGroup
}

type thread struct {
	id   int
	work chan func()
}

// IDs gives the thread ids of n vCPUs, nil after Close.
func (t *Threads) IDs(n int) []int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	for len(t.threads) < n {
		id, work := make(chan int), make(chan func())
		t.done.Go(func() { serve(id, work) })
		t.threads = append(t.threads, thread{<-id, work})
	}
	ids := make([]int, n)
	for i := range ids {
		ids[i] = t.threads[i].id
	}
	return ids
}

// Run begins to do something for a vCPU: on its thread, or, while nobody has
// asked for that, on any. What it did before has ended.
func (t *Threads) Run(cpu int, do func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if cpu < len(t.threads) {
		t.threads[cpu].work <- do
	} else {
		go do()
	}
}

// Close ends the threads. Nothing runs on them any more.
func (t *Threads) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range t.threads {
		close(one.work)
	}
	t.done.Wait()
	t.threads, t.closed = nil, true
}

// serve keeps a thread until there is no more work; the thread ends with it.
func serve(id chan<- int, work <-chan func()) {
	runtime.LockOSThread()
	if unix.Gettid() == unix.Getpid() {
		// The first thread stands for the whole process: tools take no vCPU for
		// it, and its name is the process's. While it is kept another one serves.
		defer runtime.UnlockOSThread()
		var other sync.WaitGroup
		other.Go(func() { serve(id, work) })
		other.Wait()
		return
	}
	id <- unix.Gettid()
	for do := range work {
		do()
	}
}

// Name gives the thread of vCPU cpu the name that it has in QEMU. It is for people who look at
// the threads: it does not matter if it fails.
func Name(id, cpu int) {
	_ = os.WriteFile(fmt.Sprintf("/proc/self/task/%d/comm", id), []byte(fmt.Sprintf("CPU %d/TCG", cpu)), 0)
}
