package colo

import (
	"fmt"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// A hundred checkpoints; then both ends go on alone.
func TestHundredCheckpoints(t *testing.T) {
	for _, accel := range []string{"soft", "uffd"} {
		t.Run(accel, func(t *testing.T) {
			t.Parallel()
			p := launch(t, 2, emulator.Unix(), "-accel", accel)
			p.checkpoints(p.secondary, 50)
			p.proven(p.secondary)
			p.checkpoints(p.secondary, 100)
			p.alone(p.secondary)
			p.exit(p.secondary, "secondary request")
			p.exit(p.primary, "primary error")
			p.alone(p.primary)
		})
	}
}

// The primary is killed at any moment: the secondary goes on.
func TestPrimaryIsKilled(t *testing.T) {
	for n := range 20 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			p := launch(t, n%3, emulator.Unix())
			moment := time.Duration(draw(t.Name()).IntN(60_000)) * time.Microsecond
			t.Logf("after %v", moment)
			p.checkpoints(p.secondary, n%5)
			time.Sleep(moment) // not to wait for anything: it is the moment
			p.primary.Kill()
			p.exit(p.secondary, "secondary error")
			p.alone(p.secondary)
		})
	}
}

// The network is cut at any byte, in either direction: both ends wait until they
// are told to go on.
func TestNetworkIsCut(t *testing.T) {
	for n := range 20 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			random := draw(t.Name())
			// From the first checkpoint on: the request, and that the VM stands.
			proxy := &emulator.Proxy{Mark: []byte{0, 0, 0, 1, 0, 0, 0, 3}, Cut: 1 + random.Int64N(1<<20)}
			if n%4 == 3 {
				proxy.CutBack = 1 + random.Int64N(12*10) // three messages at each
				proxy.Cut = 0
			}
			t.Logf("after %d bytes, or %d of answers", proxy.Cut, proxy.CutBack)
			t.Cleanup(proxy.Close)
			p := launch(t, n%3, proxy.Through())
			p.exit(p.primary, "primary error")
			p.exit(p.secondary, "secondary error")
			for _, e := range []*emulator.Emulator{p.primary, p.secondary} {
				m, err := e.QueryMigrate(t.Context())
				emulator.Must(t, err)
				if m.Status != "colo" {
					t.Errorf("%s: %s before anybody decided", e.Name, m.Status)
				}
			}
			// Whoever decides may choose either. Here both are, to see them.
			p.alone(p.secondary)
			p.alone(p.primary)
		})
	}
}
