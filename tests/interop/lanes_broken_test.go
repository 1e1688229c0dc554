package interop

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// A breakage ends a migration with lanes under way: one lane is cut, after so many bytes, or somebody cuts all off.
type breakage struct {
	lane int
	at   int64
	yank string // "source", "destination", or empty
}

func (b breakage) String() string {
	if b.yank != "" {
		return "yank of the " + b.yank
	}
	return fmt.Sprintf("lane %d cut at %d", b.lane, b.at)
}

// breakages are in the packet of the first sync, in the head of the one behind it, and in pages, where the packets begin
// behind so many bytes; in TLS nobody knows where packets are.
func breakages(opening int64) []breakage {
	return []breakage{{lane: 2, at: opening + 700}, {lane: 1, at: opening + 1344 + 5}, {lane: 2, at: opening + 1<<20 + 123},
		{yank: "source"}, {yank: "destination"}}
}

// laneBroken is what is said of a lane that ended too early, and, where the end of the main channel was seen first, of that.
func laneBroken() []string {
	return []string{"Unexpected end-of-file before all data were read", "multifd: unexpected EOF after packet header",
		"Cannot read from TLS channel: ", "load of migration failed: "}
}

// run tries to migrate, and checks that the source says why that has failed, and the destination, too, which ends.
func (b breakage) run(t *testing.T, src, dst *emulator.Emulator) {
	t.Helper()
	ctx := t.Context()
	proxy := &emulator.Proxy{Lane: b.lane, Cut: b.at, Alone: true}
	defer proxy.Close()
	emulator.Must(t, proxy.Through().Migrate(ctx, src, dst))
	if b.yank != "" {
		_, err := src.WaitMigrationUntil(ctx, "under way", func(m emulator.Migration) bool { return m.RAM.Transferred > 4<<20 })
		emulator.Must(t, err)
		who := map[string]*emulator.Emulator{"source": src, "destination": dst}[b.yank]
		err = who.Yank(ctx)
		if who == src { // a destination may have ended before it answers
			emulator.Must(t, err)
		}
	}
	m, err := src.WaitMigration(ctx, "failed")
	emulator.Must(t, err)
	t.Logf("%s: %s says %q", b, src.Name, m.ErrorDesc)
	if m.ErrorDesc == "" {
		t.Errorf("%s: %s does not say why", b, src.Name)
	}
	emulator.Must(t, src.WaitCleanedUp(ctx))
	if strings.HasPrefix(dst.Program.Name, "qemu-7.2") { // its main channel may wait for its lanes for ever
		dst.Kill()
		return
	}
	exit, err := dst.Wait(ctx)
	emulator.Must(t, err)
	t.Logf("%s: %s ends with %d and %q", b, dst.Name, exit.Status, exit.Output)
	if exit.Status != 1 || !slices.ContainsFunc(laneBroken(), func(text string) bool { return strings.Contains(exit.Output, text) }) {
		t.Errorf("%s: %s ends with %d and %q", b, dst.Name, exit.Status, exit.Output)
	}
}

// Lanes that break leave the source's VM where it is, whichever end is a real QEMU, and both ends say why. The
// source is no QEMU 7.2, which may wait for ever for a lane that has ended.
func TestBrokenLanesThroughAdopt(t *testing.T) {
	for _, tc := range []struct {
		to, machine string
		secured     bool
		opening     int64
	}{
		{"10.0", "pc-i440fx-10.0", true, 8 << 10},
		{"7.2", "pc-i440fx-7.2", false, 64},
	} {
		t.Run(tc.to, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			var s secrets
			if tc.secured {
				s = certified(t)
			}
			ready := func(e *emulator.Emulator) *emulator.Emulator {
				emulator.Must(t, e.SetCapabilities(ctx, "multifd"))
				// Slow enough that the guest does not fit, and that there is time to break it.
				emulator.Must(t, e.SetParameters(ctx, map[string]any{"max-bandwidth": 16 << 20, "downtime-limit": 1}))
				return e
			}
			client := func(e *emulator.Emulator) {
				if tc.secured {
					encrypt(t, e, "client", s.client)
					emulator.Must(t, e.SetParameters(ctx, map[string]any{"tls-hostname": "localhost"}))
				}
			}
			server := func(e *emulator.Emulator) *emulator.Emulator {
				if tc.secured {
					encrypt(t, e, "server", s.server)
				}
				return ready(e)
			}
			here := func() *emulator.Emulator {
				return server(adopting(t))
			}
			there := func() *emulator.Emulator {
				return server(emulator.LaunchGuest(t, emulator.NeedQEMU(t, tc.to), "destination", tc.machine, nil, "-S", "-incoming", "defer"))
			}
			src := ready(emulator.LaunchGuest(t, emulator.NeedQEMU(t, "10.0"), "source", tc.machine, nil))
			client(src)
			emulator.Must(t, src.WaitBooted(ctx))
			for _, b := range breakages(tc.opening) {
				b.run(t, src, here())
				state, err := src.RunState(ctx)
				if emulator.Must(t, err); state != "running" {
					t.Fatalf("%s: the source is %s", b, state)
				}
			}
			middle := here()
			emulator.Must(t, src.SetParameters(ctx, fast))
			move(t, emulator.Unix(), src, middle)
			client(middle)
			for _, b := range breakages(tc.opening) {
				b.run(t, middle, there())
			}
			dst := there()
			emulator.Must(t, middle.SetParameters(ctx, fast))
			move(t, emulator.Unix(), middle, dst)
			emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
			goesOn(t, dst)
		})
	}
}
