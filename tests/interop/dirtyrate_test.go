package interop

import (
	"context"
	"fmt"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// dirtyRate is what query-dirty-rate tells.
type dirtyRate struct {
	Status string
	Rate   int64 `json:"dirty-rate"` // MiB per second
}

// measureDirtyRate measures for a second.
func measureDirtyRate(ctx context.Context, e *emulator.Emulator, args map[string]any) (int64, error) {
	args["calc-time"] = 1
	if err := e.Execute(ctx, "calc-dirty-rate", args, nil); err != nil {
		return 0, err
	}
	for {
		var r dirtyRate
		err := e.Execute(ctx, "query-dirty-rate", nil, &r)
		switch {
		case err != nil:
			return 0, err
		case r.Status == "measured":
			return r.Rate, nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%s: %w", e.Name, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Under a load that is known, QEMU and ours find the same, as nearly as a busy machine lets them: it may keep a guest from
// writing, or make it catch up, but not for ever.
func TestDirtyRateUnderLoad(t *testing.T) {
	const memory, rate = 64, 16 // MiB, and MiB per second, of pages none of which is written twice in a second
	const patience = 2 * time.Minute
	sampled := func() map[string]any { return map[string]any{"sample-pages": 16384} }
	agrees := func(t *testing.T, e *emulator.Emulator, args func() map[string]any) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		for {
			got, err := measureDirtyRate(ctx, e, args())
			emulator.Must(t, err)
			t.Logf("%s finds %d MiB/s with %v", e.Name, got, args())
			if got*3 > rate && got < rate*3 {
				return
			}
		}
	}
	for _, version := range []string{"7.2", "10.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			args, err := emulator.PacedGuestArgs(t.TempDir(), "pc-i440fx-"+version, memory, rate<<20)
			emulator.Must(t, err)
			qemu := emulator.Launch(t, emulator.NeedQEMU(t, version), "qemu", args...)
			emulator.Must(t, qemu.WaitBooted(t.Context()))
			agrees(t, qemu, sampled)
		})
	}
	for accel, mode := range map[string]string{"soft": "dirty-bitmap", "soft,dirty-ring-size=4096": "dirty-ring"} {
		t.Run(accel, func(t *testing.T) {
			t.Parallel()
			ours := emulator.Launch(t, emulator.NeedServer(t), "ours", "-accel", accel, "-nodefaults", "-m", fmt.Sprint(memory),
				"-machine", fmt.Sprintf("memtest,workload=stress,update-size=8,rate=%dM", rate))
			_, err := ours.RunState(t.Context()) // it answers once the guest has filled its memory
			emulator.Must(t, err)
			agrees(t, ours, sampled)
			agrees(t, ours, func() map[string]any { return map[string]any{"mode": mode} })
		})
	}
}
