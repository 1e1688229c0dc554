package interop

import (
	"fmt"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// A laned journey goes with multifd: out of a QEMU, parked here, on in another.
type laned struct {
	from, to string
	machine  string
	lanes    int
	zeros    string // zero-page-detection of whoever has it and sends, or empty for its default
	channel  emulator.Channel
	direct   bool
	zeroCopy bool
}

func (j laned) name() string {
	return strings.Join([]string{j.from, j.to, j.machine, j.channel.Name, fmt.Sprint(j.lanes), j.zeros, fmt.Sprint(j.zeroCopy)}, "_")
}

func (j laned) set(t *testing.T, e *emulator.Emulator, version string) {
	t.Helper()
	emulator.Must(t, e.SetCapabilities(t.Context(), "multifd"))
	emulator.Must(t, e.SetParameters(t.Context(), map[string]any{"multifd-channels": j.lanes}))
	if j.zeroCopy {
		emulator.Must(t, e.SetCapabilities(t.Context(), "zero-copy-send"))
	}
	if j.zeros != "" && version != "7.2" {
		emulator.Must(t, e.SetParameters(t.Context(), map[string]any{"zero-page-detection": j.zeros}))
	}
}

func (j laned) run(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, j.from), "source", j.machine, nil)
	dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, j.to), "destination", j.machine, nil, "-S", "-incoming", "defer")
	emulator.Must(t, src.WaitBooted(ctx))
	emulator.Must(t, src.SetParameters(ctx, fast))
	j.set(t, src, j.from)
	j.set(t, dst, j.to)
	if j.direct {
		move(t, j.channel, src, dst)
	} else {
		middle := adopting(t)
		j.set(t, middle, "")
		move(t, j.channel, src, middle)
		emulator.Must(t, middle.SetParameters(ctx, fast))
		move(t, j.channel, middle, dst)
		m, err := middle.QueryMigrate(ctx)
		emulator.Must(t, err)
		if m.RAM.Multifd < 64<<20 || m.RAM.Multifd >= m.RAM.Transferred {
			t.Errorf("%d bytes on lanes, of %d", m.RAM.Multifd, m.RAM.Transferred)
		}
		if (m.RAM.MissedZeroCopy > 0) != j.zeroCopy { // on its way to this machine the kernel copies everything
			t.Errorf("%d syncs without zero copy", m.RAM.MissedZeroCopy)
		}
	}
	emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
	goesOn(t, dst)
}

func TestLanesThroughAdopt(t *testing.T) {
	for _, j := range []laned{
		{from: "10.0", to: "10.0", machine: "pc-i440fx-10.0", lanes: 2, channel: emulator.TCP()},
		{from: "7.2", to: "7.2", machine: "pc-i440fx-7.2", lanes: 2, channel: emulator.Unix()},
		{from: "7.2", to: "10.0", machine: "pc-i440fx-7.2", lanes: 8, channel: emulator.TCP()},
		{from: "10.0", to: "7.2", machine: "pc-i440fx-7.2", lanes: 1, channel: emulator.Unix(), zeros: "none"},
		{from: "10.0", to: "10.0", machine: "pc-i440fx-8.2", lanes: 8, channel: emulator.Unix(), zeros: "legacy"},
		{from: "10.0", to: "10.0", machine: "pc-i440fx-8.0", lanes: 1, channel: emulator.TCP(), zeros: "multifd"},
		{from: "10.0", to: "7.2", machine: "pc-i440fx-7.2", lanes: 2, channel: emulator.TCP(), zeroCopy: true},
	} {
		t.Run(j.name(), j.run)
	}
}
