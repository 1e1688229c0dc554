package interop

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// A source whose migrations are cancelled or fail, over and over, holds afterwards what it held before.
func TestNothingLeaksInAProcess(t *testing.T) {
	deck := stays()
	migrations, warm := 6*len(deck), 2*len(deck)
	seed := *other
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("again with -seed %d", seed)
		}
	})
	random := rand.New(rand.NewPCG(seed, 0))
	args := []string{"-machine", "memtest,workload=stress,rate=4M", "-m", "32", "-smp", "2", "-nodefaults"}
	src := emulator.Launch(t, emulator.NeedServer(t), "source", args...)
	// Slower than the guest writes: it takes as long as it is let.
	emulator.Must(t, src.SetParameters(t.Context(), map[string]any{"max-bandwidth": 1 << 20, "downtime-limit": 1}))
	var before holding
	for n := range migrations {
		if n == warm {
			before = held(t, src)
		}
		if n%len(deck) == 0 {
			random.Shuffle(len(deck), func(i, k int) { deck[i], deck[k] = deck[k], deck[i] })
		}
		deck[n%len(deck)].endure(t, random, src)
	}
	settled(t, src, before, func(now holding) bool { return !now.exceeds(before) })
	dst := emulator.Launch(t, emulator.NeedServer(t), "destination", append(args, "-incoming", "defer")...)
	only(t, src)
	emulator.Must(t, src.SetParameters(t.Context(), fast))
	move(t, emulator.Unix(), src, dst)
	running(t, dst)
}

// holding is what a process has.
type holding struct{ Descriptors, Threads, Children, Mappings, ResidentKiB int }

func held(t *testing.T, e *emulator.Emulator) (h holding) {
	t.Helper()
	count := func(what string) int {
		list, err := os.ReadDir(fmt.Sprintf("/proc/%d/%s", e.PID(), what))
		emulator.Must(t, err)
		return len(list)
	}
	resident, _, err := e.ResidentMemory()
	emulator.Must(t, err)
	h = holding{count("fd"), count("task"), 0, count("map_files"), int(resident >> 10)}
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", e.PID()))
	emulator.Must(t, err)
	for _, name := range lists {
		list, _ := os.ReadFile(name) // of a thread that has just ended there is none
		h.Children += len(strings.Fields(string(list)))
	}
	return h
}

// settled gives a process the time to let go of what it needs no more.
func settled(t *testing.T, e *emulator.Emulator, before holding, enough func(holding) bool) {
	t.Helper()
	now := held(t, e)
	for end := time.Now().Add(time.Minute); !enough(now) && time.Now().Before(end); now = held(t, e) {
		time.Sleep(10 * time.Millisecond)
	}
	t.Logf("%s: %+v became %+v", e.Name, before, now)
	if !enough(now) {
		t.Errorf("%s has more than it had", e.Name)
	}
}

// exceeds leaves the runtime a few threads more, as it makes them when the machine is busy and keeps them, with
// what they need, and garbage that is not collected yet.
func (h holding) exceeds(before holding) bool {
	return h.Descriptors > before.Descriptors || h.Threads > before.Threads+4 || h.Children > before.Children ||
		h.Mappings > before.Mappings+16 ||
		h.ResidentKiB > before.ResidentKiB+8<<10
}
