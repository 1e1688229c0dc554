package interop

import (
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// A parked VM went, without a return path, to a QEMU that lacks a device of it and ends over that. It is had back
// with cont, and goes on in a QEMU that has the device.
func TestParkedVMIsTakenBack(t *testing.T) {
	t.Parallel()
	ctx, machine, devices := t.Context(), "pc-i440fx-7.2", []string{"-device", "virtio-rng-pci"}
	src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "7.2"), "source", machine, devices)
	middle := adopting(t)
	poor := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "10.0"), "poor", machine, nil, "-incoming", "defer")
	dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "10.0"), "destination", machine, devices, "-S", "-incoming", "defer")
	emulator.Must(t, src.WaitBooted(ctx))
	for _, e := range []*emulator.Emulator{src, middle} {
		emulator.Must(t, e.SetParameters(ctx, fast))
	}
	move(t, emulator.Unix(), src, middle)
	emulator.Must(t, emulator.Unix().Migrate(ctx, middle, poor))
	_, err := middle.WaitMigration(ctx, "completed")
	emulator.Must(t, err)
	exit, err := poor.Wait(ctx)
	emulator.Must(t, err)
	if exit.Status != 1 || !strings.Contains(poor.Stderr(), "virtio-rng") {
		t.Errorf("it ended with %d and says %q", exit.Status, poor.Stderr())
	}
	emulator.Must(t, middle.Execute(ctx, "cont", nil, nil))
	move(t, emulator.Unix(), middle, dst)
	emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
	goesOn(t, dst)
}
