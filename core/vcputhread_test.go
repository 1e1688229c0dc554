package core

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"qmpmigrate/core/guest/memtest"
)

// Tools are told threads of the process, which have the vCPUs' names, and what the
// vCPUs cost is seen there.
func TestThreadsOfVCPUs(t *testing.T) {
	stress := memtest.NewStress()
	stress.Rate = 0
	m, err := NewMemtest(Config{Paused: true, Board: Board{CPUs: 2, DebugThreads: true}},
		memtest.Config{RAMSize: 2 << 20, VCPUs: 2, Workload: stress})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := m.Launch(); err != nil {
		t.Fatal(err)
	}
	list, err := m.QueryCpusFast(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	if err := m.Cont(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, cpu := range list {
		task := fmt.Sprintf("/proc/self/task/%d/", cpu.ThreadID)
		if name, err := os.ReadFile(task + "comm"); err != nil || string(name) != fmt.Sprintf("CPU %d/TCG\n", i) {
			t.Errorf("vCPU %d: thread %q, %v", i, name, err)
		}
		for end := time.Now().Add(time.Minute); !ran(t, task+"stat"); {
			if time.Now().After(end) {
				t.Fatalf("vCPU %d does not run on thread %d", i, cpu.ThreadID)
			}
		}
	}
}

// ran says whether a thread has used time of a processor.
func ran(t *testing.T, stat string) bool {
	t.Helper()
	text, err := os.ReadFile(stat)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return strings.Fields(rest)[11] != "0" // clock ticks in user mode
}
