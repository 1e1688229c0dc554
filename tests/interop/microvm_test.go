package interop

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// A machine type without a version says nothing of the QEMU that it came from, and goes back to: what a 7.2 sent
// without SWITCHOVER_START it gets without, too.
func TestMicroVMThroughAdopt(t *testing.T) {
	for _, version := range []string{"7.2", "10.0"} {
		t.Run(version, func(t *testing.T) {
			args := []string{"-machine", "microvm", "-accel", "tcg", "-m", "64", "-nodefaults", "-device", "virtio-rng-device"}
			src := emulator.Launch(t, emulator.NeedQEMU(t, version), "source", args...)
			middle := adopting(t)
			dst := emulator.Launch(t, emulator.NeedQEMU(t, version), "destination", append(args, "-incoming", "defer", "-S")...)
			for _, leg := range [][2]*emulator.Emulator{{src, middle}, {middle, dst}} {
				emulator.Must(t, emulator.Unix().Migrate(t.Context(), leg[0], leg[1]))
				for _, end := range leg {
					_, err := end.WaitMigration(t.Context(), "completed")
					emulator.Must(t, err)
				}
			}
			emulator.Must(t, emulator.SameMemory(t.Context(), src, dst, 64<<20))
			emulator.Must(t, dst.Execute(t.Context(), "cont", nil, nil))
			if state, err := dst.RunState(t.Context()); err != nil || state != "running" {
				t.Errorf("the guest is %s, %v", state, err)
			}
		})
	}
}
