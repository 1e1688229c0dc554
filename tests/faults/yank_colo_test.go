package faults

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// locked brings two machines into lock step, with checkpoints as far apart as can be.
func locked(e *ends) {
	e.Helper()
	e.set(map[string]any{"x-checkpoint-delay": 1 << 31, "downtime-limit": 5000})
	e.migrate()
	e.reach(e.src, "colo")
	e.reach(e.dst, "colo")
	_, err := e.src.Monitor.WaitEvent(e.Context(), 0, "RESUME", nil)
	emulator.Must(e, err)
}

// Two machines in lock step, one of which stops between two checkpoints or in the midst of one: the other tells so, and
// waits, as QEMU does, to be told whether it goes on.
func TestYankOfALockstep(t *testing.T) {
	for _, w := range []way{overTCP(), overUnix(), overTLS()} {
		for name, c := range map[string]struct {
			primary bool // is left
			reach   func(*ends)
		}{
			"between checkpoints, primary":   {true, func(e *ends) { e.stops(e.dst) }},
			"between checkpoints, secondary": {false, func(e *ends) { e.stops(e.src) }},
			"at a checkpoint, primary": {true, func(e *ends) {
				e.stops(e.dst)
				e.set(map[string]any{"x-checkpoint-delay": 1000000}) // it asks for one at once
			}},
			"at a checkpoint, secondary": {false, func(e *ends) {
				e.set(map[string]any{"x-checkpoint-delay": 0})
				_, err := e.dst.Monitor.WaitEvent(e.Context(), 0, "STOP", nil)
				emulator.Must(e, err)
				e.stops(e.src)
			}},
		} {
			t.Run(w.name+" "+name, func(t *testing.T) {
				t.Parallel()
				e := w.launch(t, "x-colo")
				locked(e)
				c.reach(e)
				left := e.dst
				if c.primary {
					left = e.src
				}
				e.cuttable(left, true)
				e.yanked(left, "COLO_EXIT", `"error"`)
				e.reach(left, "colo")
				emulator.Must(t, left.Execute(t.Context(), "x-colo-lost-heartbeat", nil, nil))
				e.reach(left, "completed")
				runs(t, left)
				whole(t, left, endsRAM)
				e.cuttable(left, false)
			})
		}
	}
}
