package interop

import (
	"fmt"
	"path/filepath"
	"testing"

	"qmpmigrate/tests/emulator"
)

// A machine that came by precopy, with the description of its devices, goes on into a real QEMU by postcopy. See
// TestPostcopyJourneys for those that came by postcopy, too.
func TestPostcopyOutOfAdopt(t *testing.T) {
	for _, j := range []journey{
		{from: "10.0", to: "10.0", machine: "pc-i440fx-10.0", channel: emulator.Unix()},
		{from: "7.2", to: "10.0", machine: "pc-q35-7.2", channel: emulator.TCP(), devices: devices()},
	} {
		t.Run(j.name(), func(t *testing.T) { j.postcopyOut(t) })
	}
}

// postcopyOut moves the guest to qmpmigrate, and from there on by postcopy.
func (j journey) postcopyOut(t *testing.T) {
	src, middle, dst := j.parked(t)
	ctx := t.Context()
	emulator.Must(t, j.channel.Migrate(ctx, middle, dst))
	emulator.Must(t, middle.Execute(ctx, "migrate-start-postcopy", nil, nil))
	followed(t, src, middle, dst)
}

// parked moves the guest to qmpmigrate, from where it can go on by postcopy.
func (j journey) parked(t *testing.T) (src, middle, dst *emulator.Emulator) {
	t.Helper()
	ctx := t.Context()
	src = emulator.LaunchGuest(t, emulator.NeedQEMU(t, j.from), "source", j.machine, j.devices)
	dst = emulator.LaunchGuest(t, emulator.NeedQEMU(t, j.to), "destination", j.machine, j.devices, "-S", "-incoming", "defer")
	middle = adopting(t)
	emulator.Must(t, src.WaitBooted(ctx))
	emulator.Must(t, src.SetParameters(ctx, fast))
	move(t, j.channel, src, middle)
	for _, e := range []*emulator.Emulator{middle, dst} {
		emulator.Must(t, e.SetCapabilities(ctx, "postcopy-ram", "events"))
	}
	hesitate(t, middle)
	return src, middle, dst
}

// followed waits until all memory has followed the guest, and sees it go on.
func followed(t *testing.T, src, middle, dst *emulator.Emulator) {
	t.Helper()
	ctx := t.Context()
	m, err := middle.WaitMigration(ctx, "completed")
	emulator.Must(t, err)
	_, err = dst.WaitMigration(ctx, "completed")
	emulator.Must(t, err)
	t.Logf("%d ms, downtime %d ms, %d MiB: %v", m.TotalTime, m.Downtime, m.RAM.Transferred>>20, middle.Monitor.Events())
	emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
	goesOn(t, dst)
}

// A link that breaks in postcopy, whoever cuts it, can be made anew any number of times.
func TestRecoveryOutOfAdopt(t *testing.T) {
	for _, j := range []journey{
		{from: "10.0", to: "10.0", machine: "pc-i440fx-10.0", channel: emulator.TCP()},
		{from: "7.2", to: "7.2", machine: "pc-i440fx-7.2", channel: emulator.Unix()},
	} {
		t.Run(j.name(), func(t *testing.T) {
			src, middle, dst := j.parked(t)
			ctx := t.Context()
			limit := func(n int) {
				emulator.Must(t, middle.SetParameters(ctx, map[string]any{"max-postcopy-bandwidth": n}))
			}
			limit(200e3) // four cuts are done long before the memory is
			emulator.Must(t, j.channel.Migrate(ctx, middle, dst))
			emulator.Must(t, middle.Execute(ctx, "migrate-start-postcopy", nil, nil))
			for i := range 4 {
				_, err := middle.WaitMigration(ctx, "postcopy-active")
				emulator.Must(t, err)
				_, err = dst.WaitMigration(ctx, "postcopy-active")
				emulator.Must(t, err)
				cut := []*emulator.Emulator{middle, dst}[i%2]
				emulator.Must(t, cut.Execute(ctx, "migrate-pause", nil, nil))
				for _, e := range []*emulator.Emulator{middle, dst} {
					_, err := e.WaitMigration(ctx, "postcopy-paused")
					emulator.Must(t, err)
				}
				uri := "unix:" + filepath.Join(dst.Dir, fmt.Sprint("again", i))
				// Nobody listens there yet.
				emulator.Must(t, middle.Execute(ctx, "migrate", map[string]any{"uri": uri, "resume": true}, nil))
				_, err = middle.WaitMigration(ctx, "postcopy-paused")
				emulator.Must(t, err)
				emulator.Must(t, dst.Execute(ctx, "migrate-recover", map[string]any{"uri": uri}, nil))
				emulator.Must(t, middle.Execute(ctx, "migrate", map[string]any{"uri": uri, "resume": true}, nil))
			}
			limit(0)
			followed(t, src, middle, dst)
		})
	}
}
