package interop

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"qmpmigrate/tests/emulator"
)

// fix writes what a VM is at one moment to a file, while it goes on.
func fix(t *testing.T, e *emulator.Emulator, name string) {
	t.Helper()
	emulator.Must(t, e.SetCapabilities(t.Context(), "background-snapshot"))
	emulator.Must(t, e.MigrateTo(t.Context(), "file:"+name))
	_, err := e.WaitMigration(t.Context(), "completed")
	emulator.Must(t, err)
}

// take loads a file.
func take(t *testing.T, e *emulator.Emulator, name string) {
	t.Helper()
	emulator.Must(t, e.Incoming(t.Context(), "file:"+name))
	_, err := e.WaitMigration(t.Context(), "completed")
	emulator.Must(t, err)
}

// A guest that goes on in its QEMU is adopted as it was at one moment, is sent on
// in the same way, and goes on once more in another QEMU.
func TestBackgroundThroughAdopt(t *testing.T) {
	for _, v := range []struct{ from, to, machine string }{
		{"7.2", "10.0", "pc-i440fx-7.2"}, {"10.0", "7.2", "pc-q35-7.2"}, {"10.0", "10.0", "pc-i440fx-10.0"},
	} {
		t.Run(fmt.Sprint(v), func(t *testing.T) {
			t.Parallel()
			ctx, dir := t.Context(), t.TempDir()
			args := []string{"-S", "-incoming", "defer"}
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.from), "source", v.machine, nil)
			emulator.Must(t, src.WaitBooted(ctx))
			first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
			if v.from == "7.2" {
				// It has no file: URIs.
				emulator.Must(t, src.SetCapabilities(ctx, "background-snapshot"))
				emulator.Must(t, src.MigrateTo(ctx, "exec:cat > "+first))
				_, err := src.WaitMigration(ctx, "completed")
				emulator.Must(t, err)
			} else {
				fix(t, src, first)
			}
			running(t, src)
			middle := adopting(t)
			emulator.Must(t, middle.SetCapabilities(ctx, "events"))
			take(t, middle, first)
			emulator.Must(t, middle.WaitTold(ctx))
			from := len(middle.Monitor.Events())
			fix(t, middle, second)
			emulator.Must(t, middle.WaitTold(ctx))
			var statuses []string
			for _, e := range middle.Monitor.Events()[from:] {
				if e.Name == "MIGRATION" {
					statuses = append(statuses, string(e.Data))
				}
			}
			if want := []string{`{"status": "setup"}`, `{"status": "active"}`, `{"status": "completed"}`}; !slices.Equal(statuses, want) {
				t.Errorf("events %s", statuses)
			}
			// What it was at first, and what came of it here.
			var ends []*emulator.Emulator
			for _, name := range []string{first, second} {
				dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), filepath.Base(name), v.machine, nil, args...)
				emulator.Must(t, dst.Incoming(ctx, "exec:cat "+name))
				_, err := dst.WaitMigration(ctx, "completed")
				emulator.Must(t, err)
				ends = append(ends, dst)
			}
			emulator.Must(t, emulator.SameMemory(ctx, ends[0], ends[1], emulator.GuestMemory))
			emulator.Must(t, emulator.SameRAM(ctx, ends[0], middle, emulator.GuestMemory))
			goesOn(t, ends[1])
		})
	}
}

// A guest of our own that writes all the time is sent as it was at one moment, by either accelerator.
func TestBackgroundStress(t *testing.T) {
	for _, accel := range []string{"soft", "uffd"} {
		t.Run(accel, func(t *testing.T) {
			t.Parallel()
			const options = ",rate=0,update-size=256,fill=60,zero=10"
			name := filepath.Join(t.TempDir(), "stream")
			src := stress(t, "source", options, "-accel", accel)
			fix(t, src, name)
			running(t, src)
			dst := stress(t, "destination", options, "-incoming", "defer")
			take(t, dst, name)
			proven(t, dst)
			proven(t, src)
		})
	}
}
