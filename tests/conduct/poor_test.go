package conduct

import (
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// What a QEMU cannot load, which lacks a device of the VM, stays where it is, and goes on in one that can.
func TestVerbIntoWhoLacksADevice(t *testing.T) {
	server, rng := emulator.NeedServer(t), []string{"-device", "virtio-rng-pci"}
	from := inviteQEMU(t, "7.2", "source", rng...)
	park := invite(t, server, "park", "-machine", "adopt", "-nodefaults", "-incoming", "defer")
	poor := func() party { return inviteQEMU(t, "10.0", "poor", "-incoming", "defer") }
	emulator.Must(t, from.WaitBooted(t.Context()))
	for _, at := range []struct {
		party
		goesOn string
	}{{from, "running"}, {park, "paused"}} {
		v := migrateVerb(t, server, at.party, poor(), quick...)
		if status := v.end(t); status != 1 || !strings.Contains(v.errs.String(), "destination  load of migration failed") {
			t.Errorf("status %d\n%s%s", status, v.out.String(), v.errs.String())
		}
		if state, err := at.RunState(t.Context()); err != nil || state != at.goesOn {
			t.Errorf("%s: the VM is %s (%v)", at.Name, state, err)
		}
		if at.party == from {
			completes(t, migrateVerb(t, server, from, park, quick...))
		}
	}
	to := inviteQEMU(t, "10.0", "destination", append(rng, "-S", "-incoming", "defer")...)
	completes(t, migrateVerb(t, server, park, to, quick...))
	arrived(t, side{Emulator: from.Emulator}, side{Emulator: to.Emulator})
}
