package interop

import (
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// The same with lanes, all of which are encrypted. QEMU 7.2 leaves its lanes without the word that ends a session, ours
// and 10.0 with it, and each takes both. Even where ours insists on it, nothing is lost once all pages are here: QEMU
// 10.0 takes the VM then, too.
func TestTLSLanesThroughAdopt(t *testing.T) {
	for _, j := range []struct {
		from, to, machine string
		with              func(*testing.T) secrets
		insists           string
	}{
		{"10.0", "10.0", "pc-i440fx-10.0", certified, "on"},
		{"10.0", "10.0", "pc-i440fx-10.0", keyed, "off"},
		{"7.2", "7.2", "pc-i440fx-7.2", certified, "on"},
		{"7.2", "10.0", "pc-i440fx-7.2", keyed, "off"},
		{"10.0", "7.2", "pc-i440fx-7.2", certified, "off"},
	} {
		s := j.with(t)
		t.Run(strings.Join([]string{j.from, s.name, j.to}, "_"), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, j.from), "source", j.machine, nil)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, j.to), "destination", j.machine, nil, "-S", "-incoming", "defer")
			middle := adopting(t, "-global", "migration.multifd-clean-tls-termination="+j.insists)
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
