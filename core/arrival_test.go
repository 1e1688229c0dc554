package core

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

const (
	postcopyRAM    = qapi.MigrationCapabilityPostcopyRAM
	postcopyActive = qapi.MigrationStatusPostcopyActive
	postcopyPaused = qapi.MigrationStatusPostcopyPaused
	completed      = qapi.MigrationStatusCompleted
)

// prover is a machine whose memory proves itself.
type prover struct {
	*Machine
	events *record
}

const proverRAM = 48 << 20

func newProver(t *testing.T, incoming bool) *prover {
	t.Helper()
	return newProverOn(t, incoming, false)
}

// newProverOn is newProver with the vCPUs in a process of their own if so wished.
func newProverOn(t *testing.T, incoming, apart bool) *prover {
	t.Helper()
	return newProverAt(t, incoming, apart, 16<<20, 0)
}

// newFollowed is newProverOn with a guest that takes its time, and never comes to the second half of its memory.
func newFollowed(t *testing.T, incoming, apart bool) *prover {
	t.Helper()
	return newProverAt(t, incoming, apart, 1<<20, proverRAM/2)
}

// newProverAt is newProverOn with a guest that writes rate bytes a second to the first set bytes of memory, or to all.
func newProverAt(t *testing.T, incoming, apart bool, rate, set uint64) *prover {
	t.Helper()
	stress := memtest.NewStress()
	stress.Rate, stress.WorkingSet, stress.ZeroShare = rate, set, 10
	p := launched(t, Config{Incoming: incoming, Board: Board{CPUs: 2}},
		memtest.Config{RAMSize: proverRAM, VCPUs: 2, Workload: stress, Apart: apart})
	p.enable(t, qapi.MigrationCapabilityEvents, postcopyRAM)
	return p
}

// launched is a machine whose events are recorded, until the test ends.
func launched(t *testing.T, conf Config, guest memtest.Config) *prover {
	t.Helper()
	p := &prover{events: &record{}}
	conf.Events = p.events
	var err error
	if p.Machine, err = NewMemtest(conf, guest); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := p.Launch(); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *prover) enable(t *testing.T, list ...qapi.MigrationCapability) {
	t.Helper()
	args := &qapi.MigrateSetCapabilitiesArgs{}
	for _, c := range list {
		args.Capabilities = append(args.Capabilities, qapi.MigrationCapabilityStatus{Capability: c, State: true})
	}
	if err := p.MigrateSetCapabilities(t.Context(), args); err != nil {
		t.Fatal(err)
	}
}

// reach waits for a status.
func (p *prover) reach(t *testing.T, want qapi.MigrationStatus) {
	t.Helper()
	awaitStatus(t, p.Machine, want)
}

// fits lets a migration end, once it has looked twice at what the guest has written, however slow its link is.
func (p *prover) fits(t *testing.T) {
	t.Helper()
	await(t, p.Machine, "looking again", func(i *qapi.MigrationInfo) bool {
		return *i.Status == completed || i.RAM != nil && i.RAM.DirtySyncCount >= 2
	})
	p.set(t, qapi.MigrateSetParameters{DowntimeLimit: new(uint64(100000))})
}

func (p *prover) proven(t *testing.T) {
	t.Helper()
	p.verified(t, proverRAM)
}

// verified is proven for a guest of another size.
func (p *prover) verified(t *testing.T, size int64) {
	t.Helper()
	v, err := p.XVerifyMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if v.FaultyPages != 0 || v.Pages != size/4096 {
		t.Fatalf("of %d pages %d are faulty: %+v", v.Pages, v.FaultyPages, v.Faults)
	}
}

// begin lets the guest go on at dst, with nearly all of its memory to follow at rate bytes per second.
func (p *prover) begin(t *testing.T, dst *prover, rate uint64) {
	t.Helper()
	p.beginOver(t, dst, rate, func(path string) string { return path })
}

// beginOver is begin over what way makes of the destination's socket.
func (p *prover) beginOver(t *testing.T, dst *prover, rate uint64, way func(path string) string) {
	t.Helper()
	p.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(5000)), MaxPostcopyBandwidth: &rate, DowntimeLimit: new(uint64(1))})
	path := filepath.Join(t.TempDir(), "mig")
	uri := "unix:" + path
	if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	uri = "unix:" + way(path)
	if err := p.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	if err := p.MigrateStartPostcopy(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A guest runs at its destination while its memory follows.
func TestPostcopyPair(t *testing.T) { eachEngine(t, postcopyPair) }

func postcopyPair(t *testing.T, apart bool) {
	src, dst := newProverOn(t, false, apart), newProverOn(t, true, apart)
	dst.enable(t, qapi.MigrationCapabilityPostcopyBlocktime)
	src.begin(t, dst, 0)
	src.reach(t, completed)
	dst.reach(t, completed)
	if s := dst.RunState(); s != qapi.RunStateRunning {
		t.Errorf("the guest is %s", s)
	}
	dst.proven(t)
	if info := dst.Migration().Info(); info.PostcopyBlocktime == nil || len(info.PostcopyVCPUBlocktime) != 2 {
		t.Errorf("%s", info.AppendJSON(nil))
	} else {
		t.Logf("vCPUs waited %v ms, all of them %d ms", info.PostcopyVCPUBlocktime, *info.PostcopyBlocktime)
	}
	const want = "MIGRATION setup, MIGRATION active, MIGRATION postcopy-active, RESUME, MIGRATION completed"
	if got := dst.events.String(); got != want {
		t.Errorf("the destination told %s", got)
	}
}

// A link that is cut over and over costs nothing, and the guest runs as long as
// it finds what it needs.
func TestRecoveredPair(t *testing.T) { eachEngine(t, recoveredPair) }

func recoveredPair(t *testing.T, apart bool) {
	src, dst := newFollowed(t, false, apart), newFollowed(t, true, apart)
	src.begin(t, dst, 256<<10)
	for i := range 5 {
		src.reach(t, postcopyActive)
		dst.reach(t, postcopyActive)
		if err := dst.MigratePause(t.Context()); err != nil {
			t.Fatal(err)
		}
		src.reach(t, postcopyPaused)
		dst.reach(t, postcopyPaused)
		uri := "unix:" + filepath.Join(t.TempDir(), fmt.Sprint("again", i))
		for range 2 { // the second takes the place of the first
			if err := dst.MigrateRecover(t.Context(), &qapi.MigrateRecoverArgs{URI: uri}); err != nil {
				t.Fatal(err)
			}
		}
		if i == 4 {
			if err := src.MigrateSetParameters(t.Context(), &qapi.MigrateSetParameters{MaxPostcopyBandwidth: new(uint64(0))}); err != nil {
				t.Fatal(err)
			}
		}
		if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri, Resume: new(true)}); err != nil {
			t.Fatal(err)
		}
	}
	src.reach(t, completed)
	dst.reach(t, completed)
	dst.proven(t)
}

// Whoever looks at memory while it follows sees what the guest sees: what is
// missing is fetched, or the look is given up.
func TestLookAtWhatFollows(t *testing.T) { eachEngine(t, lookAtWhatFollows) }

func lookAtWhatFollows(t *testing.T, apart bool) {
	src, dst := newFollowed(t, false, apart), newFollowed(t, true, apart)
	src.begin(t, dst, 256<<10)
	dst.reach(t, postcopyActive)
	awaitRunning(t, dst.Machine) // it does not write where they look
	if err := dst.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := dst.Migrate(t.Context(), &qapi.MigrateArgs{URI: new("unix:/nowhere")}); err == nil ||
		err.Error() != "There's a migration process in progress" {
		t.Errorf("a machine whose memory follows is sent on: %v", err)
	}
	name := filepath.Join(t.TempDir(), "memory")
	const at, size = proverRAM - 64<<10, 64 << 10
	if err := dst.Pmemsave(t.Context(), &qapi.PmemsaveArgs{Val: at, Size: size, Filename: name}); err != nil {
		t.Fatal(err)
	}
	if s := *dst.Migration().Info().Status; s != postcopyActive {
		t.Errorf("the look waited until the migration was %s", s)
	}
	got, err := os.ReadFile(name)
	want := make([]byte, size)
	if err := src.ReadPhys(t.Context(), at, want); err != nil {
		t.Fatal(err)
	}
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("it saw something else: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if v, err := dst.XVerifyMemory(ctx); err == nil {
		t.Errorf("all memory is here: %+v", v)
	}
	if err := dst.MigratePause(t.Context()); err != nil {
		t.Fatal(err)
	}
	dst.reach(t, postcopyPaused)
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := dst.ReadPhys(ctx, proverRAM/2, want); err == nil {
		t.Error("what is not here is read while nobody is there to ask")
	}
	if err := dst.Cont(t.Context()); err != nil { // it will be closed with vCPUs that wait
		t.Fatal(err)
	}
}

// What has to be set before a machine listens can be set again once it need not listen any more.
func TestPreemptForTheWayOn(t *testing.T) {
	src, dst := newSide(t, 30, Config{}), newSide(t, 30, Config{Incoming: true})
	uri := dst.listen(t)
	err := dst.MigrateSetCapabilities(t.Context(), &qapi.MigrateSetCapabilitiesArgs{Capabilities: []qapi.MigrationCapabilityStatus{
		{Capability: postcopyRAM, State: true}, {Capability: preempt, State: true}}})
	if err == nil || err.Error() != "Postcopy preempt must be set before incoming starts" {
		t.Errorf("while it listens: %v", err)
	}
	src.send(t, uri)
	dst.wait(t)
	dst.enable(t, postcopyRAM, preempt)
}
