package core

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"qmpmigrate/channels/channelstest"
)

var journeySeed = flag.Uint64("seed", 0, "what TestNothingLeaks draws from; 0 is another one each time")

// figures are what this process holds.
type figures struct{ goroutines, descriptors, children, mappings, heap int }

func (f figures) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %d children, %d mappings, %d KiB of heap",
		f.goroutines, f.descriptors, f.children, f.mappings, f.heap>>10)
}

func measure(t *testing.T) (f figures) {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range lists {
		list, _ := os.ReadFile(name) // of a thread that has just ended there is none
		f.children += len(bytes.Fields(list))
	}
	f.goroutines, f.descriptors = runtime.NumGoroutine(), descriptors(t)
	if !channelstest.RaceDetector {
		f.mappings = bytes.Count(maps, []byte("\n"))
	}
	return f
}

// weigh collects garbage and adds what is left.
func (f *figures) weigh() {
	for range 2 { // what finalizers let go is collected by the second
		runtime.GC()
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	f.heap = int(mem.HeapAlloc)
}

// exceeds says whether more is held than at before. The runtime itself needs a
// mapping now and then, and heap for what it knows about its threads.
func (f figures) exceeds(before figures) bool {
	return f.goroutines > before.goroutines || f.descriptors > before.descriptors || f.children > before.children ||
		f.mappings > before.mappings+8 || f.heap > before.heap+512<<10
}

// After migrations that ended in every way the process holds what it held.
func TestNothingLeaks(t *testing.T) {
	// A collector closes descriptors that were forgotten: it runs only when they have been counted.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	migrations, warm := 200, 20
	if testing.Short() {
		migrations, warm = 20, len(endings)
	}
	seed := *journeySeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	j := &journey{random: rand.New(rand.NewPCG(seed, 0))}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("again with -seed %d", seed)
		}
		j.leave(t)
	})
	var before figures
	for n := range migrations {
		if n == warm {
			j.leave(t)
			runtime.GC() // what was forgotten so far must not count as having been there
			time.Sleep(100 * time.Millisecond)
			before = measure(t)
			before.weigh()
		} else if n > warm && len(j.deck) == 0 {
			j.leave(t)
			compare(t, before)
			runtime.GC()
		}
		e := j.next()
		if !t.Run(fmt.Sprint(n, " ", e.name), func(t *testing.T) { j.migrate(t, e) }) {
			t.FailNow()
		}
	}
	j.leave(t)
	after := compare(t, before)
	after.weigh()
	t.Logf("after %d migrations: %s", warm, before)
	t.Logf("after %d migrations: %s", migrations, after)
	if after.exceeds(before) {
		t.Error("there is more than there was")
	}
}

// compare gives what ends by itself the time to do so.
func compare(t *testing.T, before figures) (now figures) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for now = measure(t); now.exceeds(before) && time.Now().Before(deadline); now = measure(t) {
		time.Sleep(10 * time.Millisecond)
	}
	if now.exceeds(before) {
		stacks := make([]byte, 1<<20)
		t.Fatalf("%s were there, and now %s\n%s", before, now, stacks[:runtime.Stack(stacks, true)])
	}
	return now
}
