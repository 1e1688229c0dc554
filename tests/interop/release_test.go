package interop

import (
	"fmt"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// A source gives the memory of pages back that have followed their VM, and of no others, where it is told to: ours as
// QEMU's.
func TestReleaseRAM(t *testing.T) {
	for _, release := range []bool{false, true} {
		t.Run(fmt.Sprint(release), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			qemu := emulator.NeedQEMU(t, "10.0")
			const machine = "pc-i440fx-10.0"
			here := func(name string) *emulator.Emulator {
				return emulator.Launch(t, emulator.NeedServer(t), name, "-machine", "adopt", "-nodefaults", "-incoming", "defer")
			}
			src := emulator.LaunchGuest(t, qemu, "QEMU", machine, nil)
			middle := here("ours")
			dst := emulator.LaunchGuest(t, qemu, "destination", machine, nil, "-S", "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(ctx))
			emulator.Must(t, src.SetParameters(ctx, fast))
			move(t, emulator.Unix(), src, middle)
			watchRelease(t, middle, dst, release)
			emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
			goesOn(t, dst)
			if release { // nobody looks at QEMU's memory any more
				emulator.Must(t, src.Execute(ctx, "cont", nil, nil))
				emulator.Must(t, src.Execute(ctx, "stop", nil, nil))
				watchRelease(t, src, here("another"), release)
			}
		})
	}
}

// watchRelease moves a VM that stands by postcopy, and looks how much memory src has meanwhile.
func watchRelease(t *testing.T, src, dst *emulator.Emulator, release bool) {
	t.Helper()
	ctx := t.Context()
	p := postcopy{channel: emulator.Unix()}
	if release {
		p.capabilities = []string{"release-ram"}
	}
	p.enable(t, src, dst)
	emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-bandwidth": 1 << 20, "max-postcopy-bandwidth": 128 << 20}))
	look := func() (sent, resident int64, over bool) {
		m, err := src.QueryMigrate(ctx)
		emulator.Must(t, err)
		resident, _, err = src.ResidentMemory()
		emulator.Must(t, err)
		return m.RAM.Transferred, resident, m.Status == "completed"
	}
	_, before, _ := look()
	emulator.Must(t, p.channel.Migrate(ctx, src, dst))
	emulator.Must(t, src.StartPostcopy(ctx))
	const slack = 24 << 20 // what either program does besides
	for over := false; !over; time.Sleep(100 * time.Millisecond) {
		var sent, resident, later int64
		sent, resident, over = look()
		later, _, _ = look()
		freed := before - resident
		t.Logf("%s: %d MiB sent, %d freed of %d", src.Name, sent>>20, freed>>20, before>>20)
		if !release {
			sent, later = 0, 0
		}
		if freed < sent-slack || freed > later+slack {
			t.Errorf("%s: %d MiB freed, between %d and %d sent", src.Name, freed>>20, sent>>20, later>>20)
		}
	}
	arrived(t, src, dst)
}
