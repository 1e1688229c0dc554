package interop

import (
	"fmt"
	"testing"

	"qmpmigrate/tests/emulator"
)

// A parking is a guest of a QEMU 10.0 that is parked in a file whose pages have places of their own, adopted from there,
// parked in another, and goes on from there.
type parking struct {
	machine string
	devices []string
	channel emulator.Channel
	// lanes are how many each has: who leaves, who adopts and then leaves, who goes on. 0 is without multifd.
	lanes  [3]int
	direct bool // lanes go around the page cache
}

func (p *parking) set(t *testing.T, e *emulator.Emulator, who int) {
	t.Helper()
	emulator.Must(t, e.SetCapabilities(t.Context(), "mapped-ram"))
	if p.lanes[who] > 0 {
		emulator.Must(t, e.SetCapabilities(t.Context(), "multifd"))
		emulator.Must(t, e.SetParameters(t.Context(), map[string]any{"multifd-channels": p.lanes[who], "direct-io": p.direct}))
	}
}

func (p *parking) run(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	qemu := emulator.NeedQEMU(t, "10.0")
	src := emulator.LaunchGuest(t, qemu, "source", p.machine, p.devices)
	dst := emulator.LaunchGuest(t, qemu, "destination", p.machine, p.devices, "-S", "-incoming", "defer")
	middle := adopting(t)
	emulator.Must(t, src.WaitBooted(ctx))
	for i, e := range []*emulator.Emulator{src, middle, dst} {
		emulator.Must(t, e.SetParameters(ctx, fast))
		p.set(t, e, i)
	}
	move(t, p.channel, src, middle)
	move(t, p.channel, middle, dst)
	m, err := middle.QueryMigrate(ctx)
	emulator.Must(t, err)
	if laned := m.RAM.Multifd > emulator.GuestEnd-emulator.GuestFirst; laned != (p.lanes[1] > 0) {
		t.Errorf("%d bytes on %d lanes, of %d", m.RAM.Multifd, p.lanes[1], m.RAM.Transferred)
	}
	emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
	goesOn(t, dst)
}

// Files with and without lanes are the same: each end chooses.
func TestMappedThroughAdopt(t *testing.T) {
	const pc, q35 = "pc-i440fx-10.0", "pc-q35-10.0"
	for i, p := range []parking{
		{machine: pc, channel: emulator.File()},
		{machine: q35, channel: emulator.FileAt(",offset=0x1000"), devices: devices(), lanes: [3]int{0, 2, 0}},
		{machine: pc, channel: emulator.FDSet(",offset=0x1045f", false), lanes: [3]int{2, 0, 8}},
		{machine: pc, channel: emulator.File(), lanes: [3]int{8, 8, 2}, direct: true},
		{machine: pc, channel: emulator.FDSet("", true), lanes: [3]int{2, 2, 2}, direct: true},
	} {
		t.Run(fmt.Sprintf("%d_%s_%v_%v", i, p.channel.Name, p.lanes, p.direct), p.run)
	}
}

// A guest of our own that writes all the time while it is saved, with memory that proves itself.
func TestMappedStress(t *testing.T) {
	for _, lanes := range []int{0, 4} {
		t.Run(fmt.Sprint(lanes), func(t *testing.T) {
			t.Parallel()
			p := parking{lanes: [3]int{lanes, lanes, 0}}
			const options = ",rate=16M,fill=60"
			src := stress(t, "source", options)
			dst := stress(t, "destination", options, "-incoming", "defer")
			p.set(t, src, 0)
			p.set(t, dst, 2)
			emulator.Must(t, src.SetParameters(t.Context(), map[string]any{"max-bandwidth": 100 << 20, "downtime-limit": 500}))
			move(t, emulator.FileAt(",offset=12345"), src, dst)
			proven(t, dst)
			running(t, dst)
		})
	}
}
