package interop

import (
	"fmt"
	"path/filepath"
	"testing"

	"qmpmigrate/tests/emulator"
)

// Out of a QEMU by postcopy, parked here, and on by precopy into another QEMU: postcopy brings no description of
// the devices, and the next destination asks for one.
func TestPostcopyThroughAdopt(t *testing.T) {
	for _, v := range []struct {
		from, to, machine string
		devices           []string
		channel           emulator.Channel
	}{
		{from: "7.2", to: "7.2", machine: "pc-q35-7.2", channel: emulator.Unix(), devices: devices()},
		{from: "10.0", to: "10.0", machine: "pc-q35-10.0", channel: emulator.FD(), devices: devices()},
	} {
		t.Run(v.from+" "+v.to+" "+v.machine, func(t *testing.T) {
			ctx := t.Context()
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.from), "source", v.machine, v.devices)
			middle := adopting(t)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), "destination", v.machine, v.devices, "-S", "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(ctx))
			hesitate(t, src)
			for _, e := range []*emulator.Emulator{src, middle} {
				emulator.Must(t, e.SetCapabilities(ctx, "postcopy-ram", "events"))
			}
			emulator.Must(t, v.channel.Migrate(ctx, src, middle))
			_, err := src.WaitMigrationUntil(ctx, "active", func(m emulator.Migration) bool { return m.Status == "active" })
			emulator.Must(t, err)
			emulator.Must(t, src.Execute(ctx, "migrate-start-postcopy", nil, nil))
			_, err = src.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			_, err = middle.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			emulator.Must(t, middle.ClearCapabilities(ctx, "postcopy-ram"))
			emulator.Must(t, middle.SetParameters(ctx, fast))
			move(t, emulator.Unix(), middle, dst)
			emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
			goesOn(t, dst)
		})
	}
}

// A QEMU whose link to us breaks again and again loses nothing.
func TestRecoveryIntoAdopt(t *testing.T) {
	for _, v := range []struct{ version, machine string }{{"10.0", "pc-i440fx-10.0"}, {"7.2", "pc-i440fx-7.2"}} {
		t.Run(v.version, func(t *testing.T) {
			ctx := t.Context()
			src := losing(t, v.version, v.machine)
			middle := adopting(t)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.version), "destination", v.machine, nil, "-S", "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(ctx))
			limit := func(bytes int) {
				emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-postcopy-bandwidth": bytes}))
			}
			hesitate(t, src)
			limit(200e3) // four cuts are done long before the memory is
			for _, e := range []*emulator.Emulator{src, middle} {
				emulator.Must(t, e.SetCapabilities(ctx, "postcopy-ram"))
			}
			emulator.Must(t, emulator.Unix().Migrate(ctx, src, middle))
			emulator.Must(t, src.StartPostcopy(ctx))
			for i := range 4 {
				for _, e := range []*emulator.Emulator{src, middle} {
					_, err := e.WaitMigration(ctx, "postcopy-active")
					emulator.Must(t, err)
				}
				cutter := []*emulator.Emulator{src, middle}[i%2]
				emulator.Must(t, cutter.Execute(ctx, "migrate-pause", nil, nil))
				for _, e := range []*emulator.Emulator{src, middle} {
					_, err := e.WaitMigration(ctx, "postcopy-paused")
					emulator.Must(t, err)
				}
				letGo(t, src, i+1)
				uri := "unix:" + filepath.Join(middle.Dir, fmt.Sprint("again", i))
				emulator.Must(t, middle.RecoverAt(ctx, uri))
				if i == 3 {
					limit(0)
				}
				emulator.Must(t, src.Resume(ctx, uri))
			}
			for _, e := range []*emulator.Emulator{src, middle} {
				_, err := e.WaitMigration(ctx, "completed")
				emulator.Must(t, err)
			}
			emulator.Must(t, middle.SetParameters(ctx, fast))
			emulator.Must(t, middle.ClearCapabilities(ctx, "postcopy-ram"))
			move(t, emulator.Unix(), middle, dst)
			emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
			goesOn(t, dst)
		})
	}
}
