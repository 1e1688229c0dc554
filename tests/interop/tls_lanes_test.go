package interop

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// The same with lanes, all of which are encrypted.
func TestTLSLanesThroughAdopt(t *testing.T) {
	for _, make := range []func(*testing.T) secrets{certified, keyed} {
		s := make(t)
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			qemu := emulator.NeedQEMU(t, "10.0")
			src := emulator.LaunchGuest(t, qemu, "source", "pc-i440fx-10.0", nil)
			dst := emulator.LaunchGuest(t, qemu, "destination", "pc-i440fx-10.0", nil, "-S", "-incoming", "defer")
			middle := emulator.Launch(t, emulator.NeedServer(t), "middle", "-machine", "adopt", "-nodefaults", "-incoming", "defer")
			for _, e := range []*emulator.Emulator{src, middle, dst} {
				emulator.Must(t, e.SetCapabilities(ctx, "multifd"))
				emulator.Must(t, e.SetParameters(ctx, fast))
			}
			emulator.Must(t, src.WaitBooted(ctx))
			encrypt(t, src, "client", s.client)
			encrypt(t, middle, "server", s.server)
			move(t, emulator.TCP(), src, middle)
			encrypt(t, middle, "client", s.client)
			encrypt(t, dst, "server", s.server)
			move(t, emulator.TCP(), middle, dst)
			emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
			goesOn(t, dst)
		})
	}
}
