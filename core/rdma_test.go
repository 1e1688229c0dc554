package core

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// newReaching is a machine whose RDMA needs no hardware.
func newReaching(t *testing.T, incoming bool, on ...qapi.MigrationCapability) *prover {
	t.Helper()
	return newTracedReaching(t, incoming, nil, on...)
}

// newTracedReaching begins with zeros; its guest has written a part of its half of them.
func newTracedReaching(t *testing.T, incoming bool, points *trace.Set, on ...qapi.MigrationCapability) *prover {
	t.Helper()
	stress := memtest.NewStress()
	stress.Rate, stress.Fill, stress.WorkingSet = 16<<20, 0, proverRAM/2
	p := launched(t, Config{Incoming: incoming, Trace: points, Board: Board{CPUs: 2}},
		memtest.Config{RAMSize: proverRAM, VCPUs: 2, Workload: stress})
	p.enable(t, append(on, qapi.MigrationCapabilityEvents)...)
	if err := p.Migration().SetProperty("x-rdma-provider", "soft"); err != nil {
		t.Fatal(err)
	}
	if !incoming {
		p.written(t, int(stress.WorkingSet), 1500)
	}
	return p
}

// written waits until as many pages of the first bytes of memory are not zero.
func (p *prover) written(t *testing.T, size, pages int) {
	t.Helper()
	ram, zero := make([]byte, size), make([]byte, 4096)
	await(t, p.Machine, "written", func(*qapi.MigrationInfo) bool {
		if err := p.ReadPhys(t.Context(), 0, ram); err != nil {
			t.Fatal(err)
		}
		n := 0
		for page := range slices.Chunk(ram, len(zero)) {
			if !bytes.Equal(page, zero) {
				n++
			}
		}
		return n >= pages
	})
}

// awaiting lets a machine wait for a source, and gives its address.
func (p *prover) awaiting(t *testing.T) (uri string) {
	t.Helper()
	uri, exit := "rdma:127.0.0.1:0", false
	if err := p.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri, ExitOnError: &exit}); err != nil {
		t.Fatal(err)
	}
	return "rdma:127.0.0.1:" + p.Migration().Info().SocketAddress[0].Inet.Port
}

// Memory that is written while it is moved, registered at the start or piece by
// piece, with and without a link back.
func TestRDMA(t *testing.T) {
	for _, pinAll := range []bool{false, true} {
		for _, back := range []bool{false, true} {
			t.Run(fmt.Sprintf("pin=%t,return-path=%t", pinAll, back), func(t *testing.T) {
				defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
				var on []qapi.MigrationCapability
				if pinAll {
					on = append(on, qapi.MigrationCapabilityRDMAPinAll)
				}
				if back {
					on = append(on, qapi.MigrationCapabilityReturnPath)
				}
				src, dst := newReaching(t, false, on...), newReaching(t, true)
				defer func() { src.Close(); dst.Close() }()
				if err := src.MigrateSetParameters(t.Context(), &qapi.MigrateSetParameters{DowntimeLimit: new(uint64(100000))}); err != nil {
					t.Fatal(err)
				}
				uri := dst.awaiting(t)
				if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
					t.Fatal(err)
				}
				src.reach(t, completed)
				dst.reach(t, completed)
				dst.proven(t)
				ram := src.Migration().Info().RAM
				if ram.Normal == 0 || (ram.Duplicate == 0) != pinAll || ram.Transferred < ram.Normal*4096 {
					t.Errorf("%d pages written, %d told to be zero, %d bytes", ram.Normal, ram.Duplicate, ram.Transferred)
				}
			})
		}
	}
}
