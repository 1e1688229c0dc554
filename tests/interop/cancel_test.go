package interop

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// slow are parameters with which no guest that writes all the time converges.
var slow = map[string]any{"max-bandwidth": 64 << 20, "downtime-limit": 1}

// neverConverges migrates a guest over a link that is slower than it writes, sees that this does not end,
// cancels it and sees the guest run on. serial is a letter that it prints, or empty.
func neverConverges(t *testing.T, src, dst *emulator.Emulator, serial string) {
	t.Helper()
	ctx := t.Context()
	emulator.Must(t, src.SetParameters(ctx, slow))
	emulator.Must(t, emulator.TCP().Migrate(ctx, src, dst))
	// Several passes, each of which could have been the last.
	m, err := src.WaitMigrationUntil(ctx, "in its fourth pass", func(m emulator.Migration) bool { return m.RAM.SyncCount >= 4 })
	emulator.Must(t, err)
	if m.Status != "active" || m.RAM.Remaining == 0 {
		t.Errorf("migration is %s with %d bytes remaining", m.Status, m.RAM.Remaining)
	}
	emulator.Must(t, src.Execute(ctx, "migrate_cancel", nil, nil))
	_, err = src.WaitMigration(ctx, "cancelled")
	emulator.Must(t, err)
	running(t, src)
	if serial != "" {
		emulator.Must(t, src.WaitSerial(ctx, serial, 2))
	}
	exit, err := dst.Wait(ctx)
	emulator.Must(t, err)
	if exit.Status != 1 {
		t.Errorf("destination of a cancelled migration: %s\n%s", exit.Process, exit.Output)
	}
}

func running(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	state, err := e.SettledState(t.Context())
	emulator.Must(t, err)
	if state != "running" {
		t.Errorf("%s is %s", e.Name, state)
	}
}

// A real guest, out of QEMU: the second migration has a higher limit and completes.
func TestCancelFromQEMU(t *testing.T) {
	const machine = "pc-i440fx-7.2"
	qemu := emulator.NeedQEMU(t, "7.2")
	adopt := []string{"-machine", "adopt", "-nodefaults", "-incoming", "defer"}
	src := emulator.LaunchGuest(t, qemu, "source", machine, nil)
	emulator.Must(t, src.WaitBooted(t.Context()))
	neverConverges(t, src, emulator.Launch(t, emulator.NeedServer(t), "first middle", adopt...), "B")

	middle := emulator.Launch(t, emulator.NeedServer(t), "second middle", adopt...)
	emulator.Must(t, src.SetParameters(t.Context(), fast))
	move(t, emulator.TCP(), src, middle)
	dst := emulator.LaunchGuest(t, qemu, "destination", machine, nil, "-S", "-incoming", "defer")
	move(t, emulator.TCP(), middle, dst)
	emulator.Must(t, emulator.SameMemory(t.Context(), src, dst, emulator.GuestMemory))
	goesOn(t, dst)
}

// Our own guest and engine.
func TestCancelStress(t *testing.T) {
	const options = ",rate=0"
	src := stress(t, "source", options)
	neverConverges(t, src, stress(t, "first destination", options, "-incoming", "defer"), "")
	dst := stress(t, "second destination", options, "-incoming", "defer")
	emulator.Must(t, src.SetParameters(t.Context(), fast))
	move(t, emulator.TCP(), src, dst)
	running(t, dst)
	proven(t, dst)
}
