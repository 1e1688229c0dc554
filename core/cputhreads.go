package core

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// cpuThreads are threads of the system that stand for vCPUs. What a vCPU does
// is done by goroutines, which share threads; but tools want to know a thread
// of each, to look at it and to bind it to processors. So each gets one that
// sleeps, made when somebody first asks.
type cpuThreads struct {
	mu   sync.Mutex
	ids  []int
	quit chan struct{}
	done sync.WaitGroup
}

// list gives the thread ids of n vCPUs, with names if so wished.
func (c *cpuThreads) list(n int, named bool) []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.quit == nil {
		c.quit = make(chan struct{})
	}
	for i := len(c.ids); i < n; i++ {
		id := make(chan int)
		c.done.Go(func() { sleep(id, c.quit) })
		c.ids = append(c.ids, <-id)
		if named {
			nameThread(c.ids[i], fmt.Sprintf("CPU %d/TCG", i))
		}
	}
	return c.ids[:n]
}

func (c *cpuThreads) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.quit != nil {
		close(c.quit)
		c.done.Wait()
		c.ids, c.quit = nil, nil
	}
}

// sleep keeps a thread until quit; the thread ends with it.
func sleep(id chan<- int, quit <-chan struct{}) {
	runtime.LockOSThread()
	id <- unix.Gettid()
	<-quit
}

// nameThread is for people who look at the threads: it does not matter if it fails.
func nameThread(id int, name string) {
	_ = os.WriteFile(fmt.Sprintf("/proc/self/task/%d/comm", id), []byte(name), 0)
}
