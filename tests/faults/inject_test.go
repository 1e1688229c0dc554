package faults

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// A destination that is as it must be, but for what somebody puts among its answers: both ends stop, and go on over
// a link that is left alone. Nothing is lost.
func TestInjectedRequests(t *testing.T) {
	for _, d := range append(late("memtest.ram"), babble()[0]) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			src, _ := source(t, emulator.NeedServer(t))
			dst := emulator.Launch(t, src.Program, "destination", "-machine", "memtest,workload=stress,rate=16M", "-m", "16M", "-nodefaults",
				"-incoming", "defer")
			for _, e := range []*emulator.Emulator{src, dst} {
				emulator.Must(t, e.SetCapabilities(ctx, "postcopy-ram"))
			}
			emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-bandwidth": 100000, "max-postcopy-bandwidth": 100000, "downtime-limit": 0}))
			proxy := &emulator.Proxy{Mark: emulator.PackageSent(), Inject: d.says}
			emulator.Must(t, proxy.Through().Migrate(ctx, src, dst))
			emulator.Must(t, src.StartPostcopy(ctx))
			d.refuses(t, src, "postcopy-paused")
			proxy.Close()
			_, err := dst.WaitMigration(ctx, "postcopy-paused")
			emulator.Must(t, err)
			again := &emulator.Proxy{}
			emulator.Must(t, src.SetParameters(ctx, map[string]any{"max-postcopy-bandwidth": 0}))
			emulator.Must(t, again.Recover(ctx, src, dst))
			for _, e := range []*emulator.Emulator{src, dst} {
				_, err := e.WaitMigration(ctx, "completed")
				emulator.Must(t, err)
			}
			again.Close()
			runs(t, dst)
			whole(t, dst, blockRAM)
		})
	}
}
