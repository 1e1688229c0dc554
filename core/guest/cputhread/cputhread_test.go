package cputhread

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func where(t *Threads, cpu int) int {
	id := make(chan int)
	t.Run(cpu, func() { id <- unix.Gettid() })
	return <-id
}

func TestThreads(t *testing.T) {
	var threads Threads
	defer threads.Close()
	where(&threads, 1) // anywhere
	ids := threads.IDs(2)
	if ids[0] == ids[1] {
		t.Errorf("the threads are %v", ids)
	}
	for range 3 {
		for cpu, id := range ids {
			if got := where(&threads, cpu); got != id {
				t.Errorf("vCPU %d runs on %d, not %d", cpu, got, id)
			}
		}
	}
	more := threads.IDs(3)
	if more[0] != ids[0] || more[1] != ids[1] || where(&threads, 2) != more[2] {
		t.Errorf("%v after %v", more, ids)
	}
	Name(ids[1], 1)
	if comm, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/comm", ids[1])); err != nil || strings.TrimSpace(string(comm)) != "CPU 1/TCG" {
		t.Errorf("%q, %v", comm, err)
	}
}

// The first thread of the process is nobody's, wherever the goroutine begins: one
// that has a thread already is asked for while the first thread has nothing else to do.
func TestNotTheFirstThread(t *testing.T) {
	for range 50 {
		var threads Threads
		for _, id := range threads.IDs(3) {
			if id == unix.Getpid() {
				t.Fatal("a vCPU has the process's own thread")
			}
		}
		threads.Close()
	}
}

func TestClose(t *testing.T) {
	var threads Threads
	id := threads.IDs(1)[0]
	threads.Close()
	if _, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", id)); err == nil {
		// The system may be a moment behind.
		for end := time.Now().Add(time.Minute); err == nil; {
			if time.Now().After(end) {
				t.Fatal("the thread is still there")
			}
			_, err = os.Stat(fmt.Sprintf("/proc/self/task/%d", id))
		}
	}
	where(&threads, 0)
	if ids := threads.IDs(1); ids != nil {
		t.Errorf("%v after Close", ids)
	}
}
