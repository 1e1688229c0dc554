package colo

import (
	"context"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// enabled switches what lock step needs on.
func enabled(t *testing.T, e *emulator.Emulator, delay int) {
	t.Helper()
	emulator.Must(t, e.SetCapabilities(t.Context(), "events", "x-colo"))
	emulator.Must(t, e.SetParameters(t.Context(), map[string]any{
		"x-checkpoint-delay": delay, "downtime-limit": 5000, "max-bandwidth": int64(10e9)}))
}

// await waits until an event has come so often.
func await(t *testing.T, e *emulator.Emulator, name string, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := e.Monitor.WaitEvent(ctx, 0, name, func(emulator.Event) bool { n--; return n == 0 })
	emulator.Must(t, err)
}

// A real QEMU follows a machine that is parked here: it takes our checkpoints, goes back to each, and goes on alone
// when it is told so, also where one of the two was cut off before.
func TestQEMUIsTheSecondary(t *testing.T) {
	for _, c := range []struct{ version, yanked string }{{"7.2", ""}, {"10.0", ""}, {"7.2", "secondary"}, {"10.0", "primary"}} {
		t.Run(strings.TrimSpace(c.version+" "+c.yanked), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			const machine = "pc-i440fx-7.2"
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "7.2"), "source", machine, nil)
			middle := emulator.Launch(t, emulator.NeedServer(t), "primary", "-machine", "adopt", "-nodefaults", "-incoming", "defer")
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, c.version), "secondary", machine, nil, "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(ctx))
			emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-bandwidth": int64(10e9), "downtime-limit": 5000}))
			emulator.Must(t, emulator.Unix().Migrate(ctx, src, middle))
			_, err := middle.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			enabled(t, middle, 200)
			enabled(t, dst, 200)
			emulator.Must(t, emulator.Unix().Migrate(ctx, middle, dst))
			_, err = middle.WaitMigration(ctx, "colo")
			emulator.Must(t, err)
			await(t, dst, "RESUME", 6) // the first is that of the lock step
			if c.yanked != "" {
				cut := map[string]*emulator.Emulator{"primary": middle, "secondary": dst}[c.yanked]
				emulator.Must(t, cut.Yank(ctx))
				exits(t, middle, "primary error")
				exits(t, dst, "secondary error")
			}
			emulator.Must(t, dst.Execute(ctx, "x-colo-lost-heartbeat", nil, nil))
			await(t, dst, "COLO_EXIT", 1)
			emulator.Must(t, dst.WaitSerial(ctx, "B", 2))
			if text := dst.Serial(); strings.Trim(text, "B") != "" {
				t.Errorf("guest printed %q", text)
			}
			emulator.Must(t, dst.Execute(ctx, "stop", nil, nil))
			emulator.Must(t, emulator.CountersInStep(ctx, dst))
			await(t, middle, "COLO_EXIT", 1)
			emulator.Must(t, middle.Execute(ctx, "x-colo-lost-heartbeat", nil, nil))
			_, err = middle.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
		})
	}
}
