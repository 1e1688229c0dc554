package interop

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// The main job by postcopy over RDMA, both ways: out of a QEMU, parked here, and on in another, which runs before
// its memory is there. A QEMU sends each page in two messages of its own: that much of what the guest has written
// went before keeps this short.
func TestRDMAPostcopyJourney(t *testing.T) {
	t.Parallel()
	const machine = "pc-i440fx-7.2"
	ms := moments()
	late := ms[2]
	late.reached = func(m emulator.Migration) bool { return m.RAM.SyncCount > 0 && m.RAM.Remaining < 100<<20 }
	for i, tc := range []struct{ version, provider string }{{"10.0", "soft"}, {"7.2", "system"}} {
		t.Run(tc.version+" "+tc.provider, func(t *testing.T) {
			qemu := softRDMA(t, tc.version)
			server, args := reachingServer(t, tc.provider)
			src := emulator.LaunchGuest(t, qemu, "source", machine, nil)
			middle := emulator.Launch(t, server, "middle", append(args, "-machine", "adopt", "-nodefaults", "-incoming", "defer")...)
			dst := emulator.LaunchGuest(t, qemu, "destination", machine, nil, "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(t.Context()))
			postcopy{moment: late, channel: emulator.RDMA("127.0.0.1", 0)}.move(t, src, middle)
			emulator.Must(t, emulator.SameRAM(t.Context(), src, middle, emulator.GuestMemory))
			postcopy{moment: ms[0], channel: emulator.RDMA(ownHost(10+i), 44461)}.move(t, middle, dst)
			wentOn(t, src, dst)
		})
	}
}
