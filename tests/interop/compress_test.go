package interop

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// compressed switches the capability on, which QEMUs up to 9.0 have.
func compressed(t *testing.T, e *emulator.Emulator, more ...string) {
	t.Helper()
	emulator.Must(t, e.SetCapabilities(t.Context(), append([]string{"compress"}, more...)...))
}

// patient are parameters with which a compressed migration completes: the pages of the test guest get so small that
// what goes out in a second never promises to be the memory that is left.
var patient = map[string]any{"max-bandwidth": int64(10e9), "downtime-limit": 2000000}

// With capability compress out of a QEMU, parked here, and on in another: pages that come compressed are taken as
// they come, and go out so with a property. With xbzrle as well they do in the first pass only.
func TestCompressThroughAdopt(t *testing.T) {
	for _, v := range []struct {
		name    string
		machine string
		channel emulator.Channel
		more    []string
		options []string
	}{
		{name: "many threads", machine: "pc-q35-7.2", channel: emulator.Unix(), options: []string{
			"-global", "migration.x-compress-threads=16", "-global", "migration.x-compress-level=9", "-global", "migration.x-decompress-threads=7"}},
		{name: "xbzrle", machine: "pc-i440fx-7.2", channel: emulator.TCP(), more: []string{"xbzrle"}},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "7.2"), "source", v.machine, nil)
			middle := emulator.Launch(t, emulator.NeedServer(t), "middle", append([]string{"-machine", "adopt", "-nodefaults",
				"-incoming", "defer", "-global", "migration.x-compress=on"}, v.options...)...)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "7.2"), "destination", v.machine, nil, "-S", "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(ctx))
			compressed(t, src, v.more...)
			compressed(t, dst, v.more...)
			emulator.Must(t, middle.SetCapabilities(ctx, v.more...))
			for _, e := range []*emulator.Emulator{src, middle} {
				emulator.Must(t, e.SetParameters(ctx, patient))
			}
			move(t, v.channel, src, middle)
			emulator.Must(t, emulator.SameRAM(ctx, src, middle, emulator.GuestMemory))
			move(t, v.channel, middle, dst)
			emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
			goesOn(t, dst)
		})
	}
}

// In postcopy a QEMU goes on to compress.
func TestCompressInPostcopy(t *testing.T) {
	t.Parallel()
	src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "7.2"), "source", "pc-i440fx-7.2", nil)
	middle := adopting(t,
		"-global", "migration.x-compress=on")
	dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "7.2"), "destination", "pc-i440fx-7.2", nil, "-incoming", "defer")
	emulator.Must(t, src.WaitBooted(t.Context()))
	compressed(t, src)
	compressed(t, dst)
	postcopy{moment: moments()[0], channel: emulator.Unix()}.move(t, src, middle)
	emulator.Must(t, emulator.SameRAM(t.Context(), src, middle, emulator.GuestMemory))
	postcopy{moment: moments()[0], channel: emulator.Unix()}.move(t, middle, dst)
	wentOn(t, src, dst)
}

// Our own pair, whose guest writes all the time and proves its memory.
func TestCompressPair(t *testing.T) {
	t.Parallel()
	for name, more := range map[string][]string{"alone": nil, "xbzrle": {"xbzrle"}} {
		t.Run(name, func(t *testing.T) {
			const options = ",rate=16M,entropy=20,zero=30"
			src := stress(t, "source", options, "-global", "migration.x-compress=on")
			dst := stress(t, "destination", options, "-incoming", "defer")
			emulator.Must(t, src.SetCapabilities(t.Context(), more...))
			emulator.Must(t, src.SetParameters(t.Context(), patient))
			move(t, emulator.Unix(), src, dst)
			proven(t, src)
			proven(t, dst)
		})
	}
}
