package interop

import (
	"slices"
	"testing"

	"qmpmigrate/tests/emulator"
)

// A guest that is moved by postcopy twice, through an adopted machine, while both channels of each leg are encrypted:
// with 7.2's order of the two and with 8.0's.
func TestTLSPreemptThroughAdopt(t *testing.T) {
	for i, v := range preemptions() {
		s := []func(*testing.T) secrets{certified, keyed}[i%2](t)
		t.Run(v.from+" "+v.to+" "+v.machine+" "+s.name, func(t *testing.T) {
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.from), "source", v.machine, nil)
			middle := adopting(t)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), "destination", v.machine, nil, "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(t.Context()))
			encrypt(t, src, "client", s.client)
			emulator.Must(t, src.SetParameters(t.Context(), map[string]any{"tls-hostname": "localhost"}))
			encrypt(t, middle, "server", s.server)
			proxy := &emulator.Proxy{}
			p := postcopy{moment: moments()[0], channel: proxy.Through(), capabilities: []string{"postcopy-preempt"}}
			p.move(t, src, middle)
			connected(t, proxy, 2)
			encrypt(t, middle, "client", s.client)
			emulator.Must(t, middle.SetParameters(t.Context(), map[string]any{"tls-hostname": "localhost"}))
			encrypt(t, dst, "server", s.server)
			proxy = &emulator.Proxy{}
			p.channel = proxy.Through()
			p.slowly = 1 << 20
			p.begin(t, middle, dst)
			asked(t, middle, 2)
			arrived(t, middle, dst)
			connected(t, proxy, 2)
			wentOn(t, src, dst)
		})
	}
}

// connected checks how many connections there were, and that something came on all of them.
func connected(t *testing.T, proxy *emulator.Proxy, want int) {
	t.Helper()
	proxy.Close()
	if passed := proxy.Passed(); len(passed) != want || slices.Min(passed) == 0 {
		t.Errorf("on the connections passed %d bytes", passed)
	}
}
