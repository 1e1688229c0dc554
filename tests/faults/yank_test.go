package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// freedTime is what a yank may take, until the migration is no longer held up by whoever stopped answering.
const freedTime = time.Second

// endsRAM is more than all buffers on a way.
const endsRAM = 64 << 20

// patience is what anything gets that must come.
const patience = time.Minute

// quiet is how long nothing happens before who should do something is taken for stuck.
const quiet = 50 * time.Millisecond

// ends are two servers with a migration between them, one of which is about to stop.
type ends struct {
	*testing.T
	way      way
	src, dst *emulator.Emulator
}

// launch starts both ends and has them do what a way needs.
func (w way) launch(t *testing.T, capabilities ...string) *ends {
	t.Helper()
	server := emulator.NeedServer(t)
	args := append([]string{"-machine", "memtest,workload=stress,rate=1M,fill=100,zero=0", "-m", fmt.Sprint(endsRAM >> 20), "-nodefaults"}, w.options...)
	e := &ends{T: t, way: w, src: emulator.Launch(t, server, "source", args...),
		dst: emulator.Launch(t, server, "destination", append(args, "-incoming", "defer")...)}
	for _, one := range []*emulator.Emulator{e.src, e.dst} {
		emulator.Must(t, one.SetCapabilities(t.Context(), append(append([]string{"events"}, w.capabilities...), capabilities...)...))
	}
	if w.prepare != nil {
		w.prepare(e)
	}
	return e
}

// set sets parameters of the source.
func (e *ends) set(parameters map[string]any) {
	e.Helper()
	emulator.Must(e, e.src.SetParameters(e.Context(), parameters))
}

// migrate begins over the way.
func (e *ends) migrate() {
	e.Helper()
	emulator.Must(e, e.way.channel().Migrate(e.Context(), e.src, e.dst))
}

// reach waits for a status of one end.
func (e *ends) reach(one *emulator.Emulator, status string) {
	e.Helper()
	_, err := one.WaitMigration(e.Context(), status)
	emulator.Must(e, err)
}

// stops makes a program stop as one whose machine hangs: its connections stay, and nobody is there.
func (e *ends) stops(one *emulator.Emulator) {
	e.Helper()
	e.Cleanup(one.Kill)
	emulator.Must(e, one.Signal(syscall.SIGSTOP))
	stopped := func() bool {
		for _, text := range tasks(e, one.PID(), "stat") {
			if !strings.Contains(text, ") T ") {
				return false
			}
		}
		return true
	}
	for end := time.Now().Add(patience); !stopped(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			e.Fatalf("%s does not stop", one.Name)
		}
	}
}

// stillness tells when nothing changes any more in a program, although there was a processor for it.
func (e *ends) stillness(one *emulator.Emulator) (still func(state string) bool) {
	last, since, before := "", time.Now(), starving(e, one.PID())
	var turns map[string]string
	return func(state string) bool {
		e.Helper()
		if state != last {
			last, since, before = state, time.Now(), starving(e, one.PID())
		}
		// A wait that is not over is not counted yet.
		waits, now := false, tasks(e, one.PID(), "schedstat")
		for task, text := range tasks(e, one.PID(), "stat") {
			task = strings.TrimSuffix(task, "stat") + "schedstat"
			waits = waits || strings.Contains(text, ") R ") && now[task] == turns[task]
		}
		turns = now
		return !waits && time.Since(since)-starving(e, one.PID()).since(before) > quiet
	}
}

// stuck waits until nothing more goes out of the source.
func (e *ends) stuck() emulator.Migration {
	e.Helper()
	still := e.stillness(e.src)
	m, err := e.src.WaitMigrationUntil(e.Context(), "stuck", func(m emulator.Migration) bool {
		return still(fmt.Sprint(m.RAM.Transferred))
	})
	emulator.Must(e, err)
	return m
}

// drained waits until one end has read all that is on its way to it.
func (e *ends) drained(one *emulator.Emulator) {
	e.Helper()
	still := e.stillness(one)
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(one.PID()), "io"))
		emulator.Must(e, err)
		if read, _, _ := strings.Cut(string(text), "\n"); still(read) {
			return
		}
		if time.Now().After(end) {
			e.Fatalf("%s reads and reads", one.Name)
		}
	}
}

// yanked cuts the migration of one end off, and measures how long that takes it to tell an event that holds text.
func (e *ends) yanked(one *emulator.Emulator, event, text string) {
	e.Helper()
	from, before, begin := len(one.Monitor.Events()), starving(e, one.PID(), os.Getpid()), time.Now()
	emulator.Must(e, one.Yank(e.Context()))
	e.told(one, event, text, from, before, begin)
}

// told is what yanked does after the yank.
func (e *ends) told(one *emulator.Emulator, event, text string, from int, before hunger, begin time.Time) {
	e.Helper()
	ctx, cancel := context.WithTimeout(e.Context(), patience)
	defer cancel()
	told, err := one.Monitor.WaitEvent(ctx, from, event, func(told emulator.Event) bool {
		return strings.Contains(string(told.Data), text)
	})
	emulator.Must(e, err)
	took := told.Time().Sub(begin)
	// Time for which there was no processor, for it or for who yanks it and is told, is not the program's.
	starved := starving(e, one.PID(), os.Getpid()).since(before)
	if took-starved > freedTime {
		e.Errorf("freed after %v, of which it waited %v for a processor", took, starved)
	}
	e.Logf("freed after %v", took.Round(time.Millisecond))
}

// hunger is for how long each thread has waited for a processor so far.
type hunger map[string]time.Duration

// starving is the hunger of some programs' threads, if the kernel tells.
func starving(e *ends, pids ...int) hunger {
	e.Helper()
	h := hunger{}
	for _, pid := range pids {
		for task, text := range tasks(e, pid, "schedstat") {
			if fields := strings.Fields(text); len(fields) == 3 {
				n, err := strconv.ParseInt(fields[1], 10, 64)
				emulator.Must(e, err)
				h[task] = time.Duration(n)
			}
		}
	}
	return h
}

// since is the sum of what passed; threads that are new began with nothing.
func (h hunger) since(before hunger) (sum time.Duration) {
	for task, now := range h {
		sum += now - before[task]
	}
	return sum
}

// tasks gives a file that the kernel has for each thread of a program.
func tasks(e *ends, pid int, file string) map[string]string {
	e.Helper()
	paths, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", file))
	emulator.Must(e, err)
	list := map[string]string{}
	for _, path := range paths {
		if text, err := os.ReadFile(path); err == nil { // it may have ended
			list[path] = string(text)
		}
	}
	return list
}

// cuttable says whether there is a migration that can be yanked.
func (e *ends) cuttable(one *emulator.Emulator, want bool) {
	e.Helper()
	var list []json.RawMessage
	emulator.Must(e, one.Execute(e.Context(), "query-yank", nil, &list))
	got := false
	for _, i := range list {
		got = got || strings.Contains(string(i), `"migration"`)
	}
	if got != want {
		e.Errorf("%s: a migration can be yanked: %v", one.Name, got)
	}
}
