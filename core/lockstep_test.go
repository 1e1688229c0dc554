package core

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

const (
	xcolo = qapi.MigrationCapabilityXCOLO
	colo  = qapi.MigrationStatusCOLO
)

// lockstepped are two machines in lock step.
type lockstepped struct{ primary, secondary *prover }

// newLockstepped brings two machines into lock step; delay is that of checkpoints in milliseconds.
func newLockstepped(t *testing.T, apart bool, delay uint32, more ...qapi.MigrationCapability) *lockstepped {
	t.Helper()
	make := func(incoming bool) *prover {
		stress := memtest.NewStress()
		stress.Rate, stress.ZeroShare = 16<<20, 10
		p := launched(t, Config{Incoming: incoming, Board: Board{CPUs: 2}},
			memtest.Config{RAMSize: proverRAM, VCPUs: 2, Workload: stress, Apart: apart})
		p.enable(t, append(more, qapi.MigrationCapabilityEvents, xcolo)...)
		p.delay(t, delay)
		return p
	}
	pair := &lockstepped{make(false), make(true)}
	uri := "unix:" + filepath.Join(t.TempDir(), "mig")
	if err := pair.secondary.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	if err := pair.primary.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	pair.primary.reach(t, colo)
	pair.secondary.reach(t, colo)
	return pair
}

func (p *prover) delay(t *testing.T, ms uint32) {
	t.Helper()
	err := p.MigrateSetParameters(t.Context(), &qapi.MigrateSetParameters{XCheckpointDelay: &ms, DowntimeLimit: new(uint64(100000))})
	if err != nil {
		t.Fatal(err)
	}
}

// count waits until an event has come so often.
func (p *prover) count(t *testing.T, name string, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		if p.events.count(name) >= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("only %d times %s", p.events.count(name), name)
}

// mode compares query-colo-status.
func (p *prover) mode(t *testing.T, mode, last qapi.COLOMode, reason qapi.COLOExitReason) {
	t.Helper()
	got, err := p.QueryCOLOStatus(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := (qapi.COLOStatus{Mode: mode, LastMode: last, Reason: reason}); *got != want {
		t.Errorf("query-colo-status: %+v, want %+v", *got, want)
	}
}

// lose tells an end that the other is lost.
func (p *prover) lose(t *testing.T) {
	t.Helper()
	if err := p.XCOLOLostHeartbeat(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.reach(t, completed)
}

// alone checks that an end is independent: it runs, its memory is right, and stays so.
func (p *prover) alone(t *testing.T) {
	t.Helper()
	if s := p.RunState(); s != qapi.RunStateRunning {
		t.Errorf("it is %s", s)
	}
	for range 2 {
		p.proven(t)
		time.Sleep(5 * time.Millisecond)
	}
}

// Both ends go on alone, whichever is told first, with the right memory; wherever the vCPUs run, and however pages go.
func TestLockstep(t *testing.T) {
	for name, c := range map[string]struct {
		apart bool
		more  []qapi.MigrationCapability
	}{
		"soft":   {},
		"uffd":   {apart: true},
		"xbzrle": {more: []qapi.MigrationCapability{qapi.MigrationCapabilityXBZRLE}},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			pair := newLockstepped(t, c.apart, 5, c.more...)
			pair.primary.mode(t, qapi.COLOModePrimary, qapi.COLOModeNone, qapi.COLOExitReasonNone)
			pair.secondary.mode(t, qapi.COLOModeSecondary, qapi.COLOModeNone, qapi.COLOExitReasonNone)
			pair.secondary.count(t, "STOP", 20)
			pair.secondary.proven(t)
			pair.primary.proven(t)
			pair.secondary.lose(t)
			pair.secondary.mode(t, qapi.COLOModeNone, qapi.COLOModeSecondary, qapi.COLOExitReasonRequest)
			pair.secondary.alone(t)
			pair.primary.count(t, "COLO_EXIT", 1)
			pair.primary.mode(t, qapi.COLOModePrimary, qapi.COLOModeNone, qapi.COLOExitReasonNone)
			pair.primary.lose(t)
			pair.primary.mode(t, qapi.COLOModeNone, qapi.COLOModePrimary, qapi.COLOExitReasonRequest)
			pair.primary.alone(t)
			if err := pair.primary.XCOLOLostHeartbeat(t.Context()); err == nil || err.Error() != "VM is not in COLO mode" {
				t.Errorf("once more: %v", err)
			}
			pair.primary.Close()
			pair.secondary.Close()
		})
	}
}

// What tools hear at both ends of a failover.
func TestLockstepEvents(t *testing.T) {
	pair := newLockstepped(t, false, 1<<31)
	pair.primary.count(t, "RESUME", 1)
	pair.secondary.lose(t)
	pair.primary.lose(t)
	const after = "MIGRATION colo, RESUME, STOP, MIGRATION completed, COLO_EXIT %s request, RESUME"
	for p, want := range map[*prover]string{
		pair.secondary: "MIGRATION setup, MIGRATION active, " + fmt.Sprintf(after, "secondary"),
		pair.primary:   "MIGRATION setup, MIGRATION active, STOP, MIGRATION device, " + fmt.Sprintf(after, "primary"),
	} {
		p.count(t, "RESUME", 2)
		if got := p.events.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Who has gone on alone can be migrated.
func TestLockstepIsNotTheEnd(t *testing.T) {
	pair := newLockstepped(t, false, 5)
	pair.secondary.count(t, "STOP", 3)
	pair.secondary.lose(t)
	pair.primary.lose(t)
	for _, p := range []*prover{pair.primary, pair.secondary} {
		next := newProver(t, true)
		uri := "unix:" + filepath.Join(t.TempDir(), "mig")
		if err := next.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
			t.Fatal(err)
		}
		if err := p.MigrateSetCapabilities(t.Context(), &qapi.MigrateSetCapabilitiesArgs{
			Capabilities: []qapi.MigrationCapabilityStatus{{Capability: xcolo, State: false}}}); err != nil {
			t.Fatal(err)
		}
		if err := p.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
			t.Fatal(err)
		}
		p.reach(t, completed)
		next.reach(t, completed)
		next.proven(t)
	}
}
