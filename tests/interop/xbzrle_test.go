package interop

import (
	"fmt"
	"testing"

	"qmpmigrate/qapi"
	"qmpmigrate/tests/emulator"
)

const xbzrle = "xbzrle"

// found says that so many pages were found in a source's cache.
func found(pages int64) func(emulator.Migration) bool {
	return func(m emulator.Migration) bool { return m.XBZRLE.Pages >= pages }
}

// tight are parameters with which no guest of these tests converges.
var tight = map[string]any{"max-bandwidth": 128 << 20, "downtime-limit": 1}

// A real QEMU sends differences; ours has the same memory afterwards, and the guest goes on from there.
func TestXBZRLEThroughAdopt(t *testing.T) {
	for _, v := range []struct{ from, to, machine string }{
		{"10.0", "10.0", "pc-i440fx-10.0"},
		{"7.2", "10.0", "pc-i440fx-7.2"},
	} {
		t.Run(v.from+" "+v.to, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.from), "source", v.machine, nil)
			middle := adopting(t)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), "destination", v.machine, nil, "-S", "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(ctx))
			emulator.Must(t, src.SetCapabilities(ctx, xbzrle))
			emulator.Must(t, src.SetParameters(ctx, tight))
			emulator.Must(t, emulator.Unix().Migrate(ctx, src, middle))
			_, err := src.WaitMigrationUntil(ctx, "sending differences", found(1000))
			emulator.Must(t, err)
			emulator.Must(t, src.SetParameters(ctx, fast))
			m, err := src.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			t.Logf("%+v", m.XBZRLE)
			_, err = middle.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			emulator.Must(t, middle.SetCapabilities(ctx, xbzrle)) // nothing is written there, and so nothing is found
			emulator.Must(t, middle.SetParameters(ctx, fast))
			move(t, emulator.TCP(), middle, dst)
			emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
			goesOn(t, dst)
		})
	}
}

// Ours sends differences to a real QEMU.
func TestXBZRLEIntoQEMU(t *testing.T) {
	for _, v := range []struct {
		version, machine string
		after            bool // what is left goes by postcopy
	}{
		{version: "10.0", machine: "pc-i440fx-10.0"},
		{version: "7.2", machine: "pc-i440fx-7.2"},
		{version: "10.0", machine: "pc-i440fx-10.0", after: true},
	} {
		t.Run(fmt.Sprint(v.version, " postcopy ", v.after), func(t *testing.T) {
			t.Parallel()
			r := rewrite(t, v.version, v.machine)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.version), "destination", v.machine, nil, "-S", "-incoming", "defer")
			// The cache is too small for all that is written. Nothing stops the writing but this test.
			r.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(64 << 20)), DowntimeLimit: new(uint64(0)),
				XBZRLECacheSize: new(uint64(8 << 20))}, qapi.MigrationCapabilityXBZRLE, qapi.MigrationCapabilityPauseBeforeSwitchover)
			if v.after {
				r.set(t, qapi.MigrateSetParameters{}, qapi.MigrationCapabilityPostcopyRAM)
				emulator.Must(t, dst.SetCapabilities(t.Context(), "postcopy-ram"))
			}
			r.goTo(t, dst)
			r.until(t, "in its second pass", func(i *qapi.MigrationInfo) bool { return i.XBZRLECache != nil && i.XBZRLECache.CacheMiss > 0 })
			// What overflows alone is more than this.
			r.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(8 << 20))})
			r.until(t, "sending differences", func(i *qapi.MigrationInfo) bool {
				x := i.XBZRLECache
				return x.Pages > 1000 && x.Overflow > 50 && x.CacheMiss > 50
			})
			r.set(t, qapi.MigrateSetParameters{XBZRLECacheSize: new(uint64(32 << 20))})
			before := r.Migration().Info().XBZRLECache.Pages
			r.until(t, "sending differences from another cache", func(i *qapi.MigrationInfo) bool { return i.XBZRLECache.Pages > before+1000 })
			if v.after {
				emulator.Must(t, r.MigrateStartPostcopy(t.Context()))
			} else {
				r.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(10e9)), DowntimeLimit: new(uint64(5000))})
			}
			r.stand(t)
			r.arrived(t, dst)
		})
	}
}

// A real QEMU sends differences until its guest goes on here, and then none any more.
func TestXBZRLEAndPostcopyIntoAdopt(t *testing.T) {
	const machine = "pc-i440fx-10.0"
	t.Parallel()
	ctx := t.Context()
	src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "10.0"), "source", machine, nil)
	middle := adopting(t)
	dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, "10.0"), "destination", machine, nil, "-S", "-incoming", "defer")
	emulator.Must(t, src.WaitBooted(ctx))
	emulator.Must(t, src.SetParameters(ctx, tight))
	emulator.Must(t, src.SetCapabilities(ctx, xbzrle, "postcopy-ram"))
	emulator.Must(t, middle.SetCapabilities(ctx, "postcopy-ram"))
	emulator.Must(t, emulator.Unix().Migrate(ctx, src, middle))
	_, err := src.WaitMigrationUntil(ctx, "sending differences", found(1000))
	emulator.Must(t, err)
	emulator.Must(t, src.StartPostcopy(ctx))
	arrived(t, src, middle)
	emulator.Must(t, middle.ClearCapabilities(ctx, "postcopy-ram"))
	emulator.Must(t, middle.SetParameters(ctx, fast))
	move(t, emulator.Unix(), middle, dst)
	emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
	goesOn(t, dst)
}

// Our own pair, with memory that proves itself: in precopy, and with postcopy behind it.
func TestXBZRLEStressPair(t *testing.T) {
	for i, options := range []string{",rate=256M,working-set=64M,update-size=8", ",rate=256M,working-set=64M,zero=30,fill=50,entropy=70"} {
		t.Run(options, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			src := stress(t, "source", options)
			dst := stress(t, "destination", options, "-incoming", "defer")
			emulator.Must(t, src.SetCapabilities(ctx, xbzrle))
			emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-bandwidth": 128 << 20, "downtime-limit": 1, "xbzrle-cache-size": 32 << 20 << i}))
			if i == 0 {
				for _, e := range []*emulator.Emulator{src, dst} {
					emulator.Must(t, e.SetCapabilities(ctx, "postcopy-ram"))
				}
			}
			emulator.Must(t, emulator.Unix().Migrate(ctx, src, dst))
			_, err := src.WaitMigrationUntil(ctx, "sending differences", found(1000))
			emulator.Must(t, err)
			if i == 0 {
				emulator.Must(t, src.StartPostcopy(ctx))
			} else {
				emulator.Must(t, src.SetParameters(ctx, fast))
			}
			m, err := src.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			_, err = dst.WaitMigration(ctx, "completed")
			emulator.Must(t, err)
			t.Log(fmt.Sprintf("%+v", m.XBZRLE), m.RAM)
			proven(t, src)
			proven(t, dst)
		})
	}
}
