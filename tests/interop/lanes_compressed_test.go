package interop

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// The lanes of all three compress, each leg with the same method: real libraries at both ends.
func TestCompressedLanesThroughAdopt(t *testing.T) {
	for _, v := range []struct {
		name, from, to, machine string
		channel                 emulator.Channel
		parameters              map[string]any
	}{
		{"zlib", "7.2", "10.0", "pc-i440fx-7.2", emulator.Unix(), map[string]any{"multifd-compression": "zlib"}},
		{"zlib 9", "10.0", "10.0", "pc-i440fx-10.0", emulator.TCP(), map[string]any{"multifd-compression": "zlib", "multifd-zlib-level": 9}},
		{"zstd", "10.0", "7.2", "pc-i440fx-7.2", emulator.TCP(), map[string]any{"multifd-compression": "zstd"}},
		{"zstd 20", "10.0", "10.0", "pc-i440fx-10.0", emulator.Unix(), map[string]any{"multifd-compression": "zstd", "multifd-zstd-level": 20}},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.from), "source", v.machine, nil)
			middle := adopting(t)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), "destination", v.machine, nil, "-S", "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(ctx))
			for _, e := range []*emulator.Emulator{src, middle, dst} {
				emulator.Must(t, e.SetCapabilities(ctx, "multifd"))
				emulator.Must(t, e.SetParameters(ctx, v.parameters))
			}
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

// Our own pair, whose guest writes all the time and proves its memory.
func TestCompressedLanesPair(t *testing.T) {
	for _, method := range []string{"zlib", "zstd"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			const options = ",rate=16M,entropy=20,zero=30"
			src := stress(t, "source", options)
			dst := stress(t, "destination", options, "-incoming", "defer")
			for _, e := range []*emulator.Emulator{src, dst} {
				emulator.Must(t, e.SetCapabilities(t.Context(), "multifd"))
				emulator.Must(t, e.SetParameters(t.Context(), map[string]any{"multifd-compression": method}))
			}
			emulator.Must(t, src.SetParameters(t.Context(), patient))
			move(t, emulator.Unix(), src, dst)
			proven(t, src)
			proven(t, dst)
		})
	}
}
