package interop

import (
	"fmt"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// A source that slows its guest down is one like any other; what is parked needs no rest, and is sent on all the same.
func TestAutoConvergeThroughAdopt(t *testing.T) {
	for _, lanes := range []bool{false, true} {
		t.Run(fmt.Sprintf("lanes_%v", lanes), func(t *testing.T) {
			t.Parallel()
			throttledThroughAdopt(t, lanes)
		})
	}
}

func throttledThroughAdopt(t *testing.T, lanes bool) {
	ctx := t.Context()
	const memory, rate, link = 32, 40 << 20, 16 << 20
	qemu := emulator.NeedQEMU(t, "10.0")
	args, err := emulator.PacedGuestArgs(t.TempDir(), "pc-i440fx-10.0", memory, rate)
	emulator.Must(t, err)
	src := emulator.Launch(t, qemu, "source", args...)
	dst := emulator.Launch(t, qemu, "destination", append(args[:len(args):len(args)], "-S", "-incoming", "defer")...)
	middle := adopting(t)
	emulator.Must(t, src.WaitBooted(ctx))
	for _, e := range []*emulator.Emulator{src, middle, dst} {
		emulator.Must(t, e.SetCapabilities(ctx, "auto-converge"))
		if lanes {
			emulator.Must(t, e.SetCapabilities(ctx, "multifd"))
		}
	}
	emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-bandwidth": link, "downtime-limit": 50, "cpu-throttle-initial": 99}))
	emulator.Must(t, emulator.Unix().Migrate(ctx, src, middle))
	most := int64(0)
	m, err := src.WaitMigrationUntil(ctx, "completed", func(m emulator.Migration) bool {
		most = max(most, m.Throttled)
		return m.Status == "completed"
	})
	emulator.Must(t, err)
	t.Logf("throttled by %d %%, %d passes, downtime %d ms", most, m.RAM.SyncCount, m.Downtime)
	if most != 99 {
		t.Errorf("QEMU's guest rested for %d %%", most)
	}
	_, err = middle.WaitMigration(ctx, "completed")
	emulator.Must(t, err)
	emulator.Must(t, middle.SetParameters(ctx, fast))
	move(t, emulator.TCP(), middle, dst)
	emulator.Must(t, emulator.SameMemory(ctx, src, dst, memory<<20))
	emulator.Must(t, dst.Execute(ctx, "cont", nil, nil))
}

// Our guest, which writes faster than lanes are allowed to carry, is slowed down by either means until it fits. To a QEMU
// all of its memory goes, and only its devices are unknown there; to ours it goes whole.
func TestThrottledLanes(t *testing.T) {
	for _, c := range []struct {
		capability, accel, to string
	}{
		{"auto-converge", "soft", "qemu"},
		{"dirty-limit", "soft,dirty-ring-size=1024", "qemu"},
		{"auto-converge", "soft", "ours"},
		{"dirty-limit", "soft,dirty-ring-size=1024", "ours"},
	} {
		t.Run(c.capability+"_"+c.to, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			const machine, memory, link = "pc-i440fx-10.0", 16, 8 << 20
			ours := []string{"-accel", c.accel, "-machine", machine + ",workload=stress,rate=64M,update-size=8", "-m", fmt.Sprint(memory), "-nodefaults"}
			src := emulator.Launch(t, emulator.NeedServer(t), "source", ours...)
			program, args := emulator.NeedServer(t), ours
			if c.to == "qemu" {
				program, args = emulator.NeedQEMU(t, "10.0"), []string{"-accel", "tcg", "-machine", machine, "-m", fmt.Sprint(memory), "-nodefaults"}
			}
			dst := emulator.Launch(t, program, "destination", append(args[:len(args):len(args)], "-incoming", "defer")...)
			for _, e := range []*emulator.Emulator{src, dst} {
				emulator.Must(t, e.SetCapabilities(ctx, "multifd"))
			}
			emulator.Must(t, src.SetCapabilities(ctx, c.capability))
			emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-bandwidth": link, "downtime-limit": 20, "cpu-throttle-initial": 99}))
			emulator.Must(t, emulator.Unix().Migrate(ctx, src, dst))
			percent, held := int64(0), int64(0)
			m, err := src.WaitMigrationUntil(ctx, "over", func(m emulator.Migration) bool {
				percent, held = max(percent, m.Throttled), max(held, m.Held)
				return m.Status == "completed" || m.Status == "failed"
			})
			emulator.Must(t, err)
			t.Logf("throttled by %d %%, held up for %d µs, %d passes, %d MiB of %d on lanes: %s %s",
				percent, held, m.RAM.SyncCount, m.RAM.Multifd>>20, m.RAM.Transferred>>20, m.Status, m.ErrorDesc)
			if (percent == 99) != (c.capability == "auto-converge") || (held > 0) != (c.capability == "dirty-limit") {
				t.Errorf("throttled by %d %%, held up for %d µs", percent, held)
			}
			if m.RAM.Multifd < memory<<20 || m.RAM.Transferred*1000/m.TotalTime > 2*link {
				t.Errorf("%d bytes on lanes, of %d in %d ms", m.RAM.Multifd, m.RAM.Transferred, m.TotalTime)
			}
			if c.to == "ours" {
				_, err := dst.WaitMigration(ctx, "completed")
				emulator.Must(t, err)
				provenAll(t, dst, memory<<20)
				return
			}
			exit, err := dst.Wait(ctx)
			emulator.Must(t, err)
			if !strings.Contains(exit.Output, "error while loading state for instance 0x0 of device 'cpu'") {
				t.Errorf("QEMU ends with %q", exit.Output)
			}
		})
	}
}
