package interop

import (
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// The main job by postcopy, both ways: out of one QEMU, parked here, on in another, which runs before its memory
// is there. What is parked writes nothing, so that it makes one pass only.
func TestPostcopyJourneys(t *testing.T) {
	ms := moments()
	for _, v := range []struct {
		from, to, machine string
		in, out           moment
		channel           emulator.Channel
	}{
		{"10.0", "10.0", "pc-i440fx-10.0", ms[0], ms[0], emulator.TCP()},
		{"10.0", "10.0", "pc-i440fx-10.0", ms[1], ms[2], emulator.Unix()},
		{"10.0", "10.0", "pc-i440fx-10.0", ms[2], ms[0], emulator.FD()},
		{"7.2", "10.0", "pc-i440fx-7.2", ms[0], ms[2], emulator.Unix()},
		{"7.2", "10.0", "pc-i440fx-7.2", ms[1], ms[0], emulator.TCP()},
		{"7.2", "7.2", "pc-i440fx-7.2", ms[1], ms[2], emulator.TCP()},
		{"7.2", "7.2", "pc-i440fx-7.2", ms[2], ms[0], emulator.Unix()},
	} {
		t.Run(strings.Join([]string{v.from, v.in.name, v.to, v.out.name}, " "), func(t *testing.T) {
			ctx := t.Context()
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.from), "source", v.machine, nil)
			middle := adopting(t)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), "destination", v.machine, nil, "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(ctx))
			postcopy{moment: v.in, channel: v.channel}.move(t, src, middle)
			emulator.Must(t, emulator.SameRAM(ctx, src, middle, emulator.GuestMemory))
			postcopy{moment: v.out, channel: v.channel}.move(t, middle, dst)
			wentOn(t, src, dst)
		})
	}
}
