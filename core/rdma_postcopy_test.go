package core

import (
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"qmpmigrate/qapi"
)

// A guest goes on at its destination after its first memory came by RDMA, and the rest follows in the stream. The
// link breaks on the way and is made anew.
func TestRDMAPostcopy(t *testing.T) {
	for _, pinAll := range []bool{false, true} {
		t.Run(fmt.Sprintf("pin=%t", pinAll), func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			on := []qapi.MigrationCapability{postcopyRAM}
			if pinAll {
				on = append(on, qapi.MigrationCapabilityRDMAPinAll)
			}
			src, dst := newReaching(t, false, on...), newReaching(t, true, postcopyRAM)
			defer func() { src.Close(); dst.Close() }()
			limit := func(precopy, postcopy uint64) {
				if err := src.MigrateSetParameters(t.Context(), &qapi.MigrateSetParameters{MaxBandwidth: &precopy,
					MaxPostcopyBandwidth: &postcopy, DowntimeLimit: new(uint64(1))}); err != nil {
					t.Fatal(err)
				}
			}
			limit(16<<20, 4<<20) // what the guest writes: it does not converge
			uri := dst.awaiting(t)
			if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
				t.Fatal(err)
			}
			awaitPages(t, src.Machine, 1000)
			if err := src.MigrateStartPostcopy(t.Context()); err != nil {
				t.Fatal(err)
			}
			src.reach(t, postcopyActive)
			if ram := src.Migration().Info().RAM; ram.DowntimeBytes > uint64(ram.Transferred) {
				t.Errorf("%d bytes were sent while the VM stood, of %d", ram.DowntimeBytes, ram.Transferred)
			}
			dst.reach(t, postcopyActive)
			if err := dst.MigratePause(t.Context()); err != nil {
				t.Fatal(err)
			}
			src.reach(t, postcopyPaused)
			dst.reach(t, postcopyPaused)
			if err := dst.MigrateRecover(t.Context(), &qapi.MigrateRecoverArgs{URI: "rdma:127.0.0.1:0"}); err != nil {
				t.Fatal(err)
			}
			uri = "rdma:127.0.0.1:" + dst.Migration().Info().SocketAddress[0].Inet.Port
			limit(16<<20, 0)
			if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri, Resume: new(true)}); err != nil {
				t.Fatal(err)
			}
			src.reach(t, completed)
			dst.reach(t, completed)
			dst.proven(t)
			if s := dst.RunState(); s != qapi.RunStateRunning {
				t.Errorf("the guest is %s", s)
			}
		})
	}
}
