package core

import (
	"fmt"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/core/machinetype"
	"qmpmigrate/qapi"
)

const multifd = qapi.MigrationCapabilityMultifd

func newLaned(t *testing.T, name string, incoming bool) *prover {
	t.Helper()
	stress := memtest.NewStress()
	stress.Rate, stress.ZeroShare = 16<<20, 10
	typ, _ := machinetype.Find(name)
	p := launched(t, Config{Incoming: incoming, Board: Board{CPUs: 2, Type: typ}},
		memtest.Config{RAMSize: proverRAM, VCPUs: 2, Workload: stress})
	p.enable(t, qapi.MigrationCapabilityEvents, multifd)
	return p
}

// All ways of lanes, under a guest that never stops writing.
func TestLanes(t *testing.T) {
	for _, machine := range []string{"", "pc-i440fx-7.2", "pc-i440fx-8.2"} {
		for _, lanes := range []uint8{1, 2, 8} {
			for _, zeros := range qapi.ZeroPageDetectionValues() {
				t.Run(fmt.Sprintf("%s_%d_%s", machine, lanes, zeros), func(t *testing.T) {
					defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
					src, dst := newLaned(t, machine, false), newLaned(t, machine, true)
					for _, p := range []*prover{src, dst} {
						err := p.MigrateSetParameters(t.Context(), &qapi.MigrateSetParameters{
							MultifdChannels: &lanes, ZeroPageDetection: &zeros, DowntimeLimit: new(uint64(100000))})
						if err != nil {
							t.Fatal(err)
						}
					}
					uri := "unix:" + filepath.Join(t.TempDir(), "mig")
					if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
						t.Fatal(err)
					}
					if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
						t.Fatal(err)
					}
					src.reach(t, completed)
					dst.reach(t, completed)
					dst.proven(t)
					if on := src.Migration().Info().RAM.MultifdBytes; on == 0 {
						t.Error("nothing went on lanes")
					}
					src.Close()
					dst.Close()
				})
			}
		}
	}
}
