package interop

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// A connection that breaks, or a stream that is harmed under way, while the source still sends: the
// destination says what is wrong and ends, the source's guest goes on, and can be moved the next time.
func TestHarmedUnderWay(t *testing.T) {
	for _, tc := range []struct {
		name  string
		proxy *emulator.Proxy
	}{
		{"cut in the header", &emulator.Proxy{Cut: 6}},
		{"cut in the block list", &emulator.Proxy{Cut: 0x50}},
		{"cut in RAM", &emulator.Proxy{Cut: 20 << 20}},
		{"magic", &emulator.Proxy{Corrupt: map[int64]byte{0: 1}}},
		{"name of the ram section", &emulator.Proxy{Corrupt: map[int64]byte{0x20: 1}}},
		{"total size", &emulator.Proxy{Corrupt: map[int64]byte{0x2b: 0xff}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "7.2"), "source", "pc-i440fx-7.2", nil)
			middle := adopting(t)
			emulator.Must(t, src.WaitBooted(t.Context()))
			emulator.Must(t, src.SetParameters(t.Context(), slow))
			harm(t, tc.proxy, src, middle)
			emulator.Must(t, src.WaitSerial(t.Context(), "B", 2))
		})
	}
}

// The same with our source.
func TestHarmedStress(t *testing.T) {
	for _, cut := range []int64{6, 0x30, 50 << 20} {
		src := stress(t, "source", ",rate=0")
		dst := stress(t, "destination", ",rate=0", "-incoming", "defer")
		emulator.Must(t, src.SetParameters(t.Context(), slow))
		harm(t, &emulator.Proxy{Cut: cut}, src, dst)
		next := stress(t, "next destination", ",rate=0", "-incoming", "defer")
		emulator.Must(t, src.SetParameters(t.Context(), fast))
		move(t, emulator.Unix(), src, next)
		proven(t, next)
	}
}

// harm migrates through a proxy that makes it fail and checks both ends.
func harm(t *testing.T, proxy *emulator.Proxy, src, dst *emulator.Emulator) {
	t.Helper()
	defer proxy.Close()
	emulator.Must(t, proxy.Through().Migrate(t.Context(), src, dst))
	exit, err := dst.Wait(t.Context())
	emulator.Must(t, err)
	if exit.Status != 1 || !offsetPattern.MatchString(exit.Output) {
		t.Errorf("%s: %s\n%s", dst.Name, exit.Process, exit.Output)
	}
	_, err = src.WaitMigration(t.Context(), "failed")
	emulator.Must(t, err)
	running(t, src)
}
