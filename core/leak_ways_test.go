package core

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

const journeyRAM = 4 << 20

// ending is one way that a migration can take.
type ending struct {
	name string
	// on are capabilities of both sides.
	on []qapi.MigrationCapability
	// slow keeps the source from being done before something happens to it.
	slow bool
	// happens is what follows the start.
	happens func(j *journey, t *testing.T, src, dst *prover)
}

var endings = []ending{
	{"plain", nil, false, (*journey).nothing},
	{"answered", []qapi.MigrationCapability{returnPath}, false, (*journey).nothing},
	{"cancelled", nil, true, (*journey).cancel},
	{"cancelled and answered", []qapi.MigrationCapability{returnPath}, true, (*journey).cancel},
	{"cancelled at the end", []qapi.MigrationCapability{returnPath}, false, (*journey).cancel},
	{"cut", nil, true, (*journey).cut},
	{"cut and answered", []qapi.MigrationCapability{returnPath}, true, (*journey).cut},
	{"destination closed", []qapi.MigrationCapability{returnPath}, true, (*journey).closeDestination},
	{"postcopy", []qapi.MigrationCapability{postcopyRAM}, false, (*journey).follow},
	{"postcopy, recovered", []qapi.MigrationCapability{postcopyRAM}, true, (*journey).recover},
	{"postcopy, recovered again", []qapi.MigrationCapability{postcopyRAM}, true, (*journey).recover},
	{"postcopy, given up", []qapi.MigrationCapability{postcopyRAM}, true, (*journey).giveUp},
	{"preempt", []qapi.MigrationCapability{postcopyRAM, preempt}, false, (*journey).follow},
	{"preempt, recovered", []qapi.MigrationCapability{postcopyRAM, preempt}, true, (*journey).recover},
}

// journey is the way of a VM from machine to machine.
type journey struct {
	random *rand.Rand
	deck   []ending
	at     *prover // where the VM is; nil before there is one
}

// next draws an ending: none comes again before every other one has.
func (j *journey) next() ending {
	if len(j.deck) == 0 {
		for _, i := range j.random.Perm(len(endings)) {
			j.deck = append(j.deck, endings[i])
		}
	}
	e := j.deck[0]
	j.deck = j.deck[1:]
	return e
}

// machine makes one. Some have their vCPUs in a process of their own.
func (j *journey) machine(t *testing.T, incoming bool) *prover {
	t.Helper()
	stress := memtest.NewStress()
	stress.Rate, stress.ZeroShare = 2<<20, 10
	p := &prover{events: &record{}}
	var err error
	p.Machine, err = NewMemtest(Config{Incoming: incoming, Events: p.events, Board: Board{CPUs: 2}},
		memtest.Config{RAMSize: journeyRAM, VCPUs: 2, Workload: stress, Apart: j.random.IntN(4) == 0})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Launch(); err != nil {
		t.Fatal(err)
	}
	return p
}

// leave closes the machine where the VM is.
func (j *journey) leave(t *testing.T) { j.settle(t, j.at, nil) }

// settle closes a machine that is needed no more, and goes on with another.
func (j *journey) settle(t *testing.T, left, at *prover) {
	t.Helper()
	if left != nil {
		if err := left.Close(); err != nil {
			t.Error(err)
		}
	}
	j.at = at
}

// migrate lets the VM, or a new one, take one more migration.
func (j *journey) migrate(t *testing.T, e ending) {
	if j.at == nil {
		j.at = j.machine(t, false)
	}
	src, dst := j.at, j.machine(t, true)
	for _, p := range []*prover{src, dst} {
		p.only(t, e.on...)
	}
	bandwidth, downtime := uint64(0), uint64(1000)
	if e.slow {
		bandwidth, downtime = 1<<20, 1
	}
	if err := src.MigrateSetParameters(t.Context(), &qapi.MigrateSetParameters{MaxBandwidth: &bandwidth,
		MaxPostcopyBandwidth: &bandwidth, DowntimeLimit: &downtime}); err != nil {
		t.Fatal(err)
	}
	uri := "unix:" + filepath.Join(t.TempDir(), "mig")
	if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	e.happens(j, t, src, dst)
	if j.at != nil {
		j.at.whole(t)
	}
}

// only switches these capabilities on, and others of the journey off.
func (p *prover) only(t *testing.T, on ...qapi.MigrationCapability) {
	t.Helper()
	state := map[qapi.MigrationCapability]bool{returnPath: false, postcopyRAM: false, preempt: false}
	for _, c := range on {
		state[c] = true
	}
	args := &qapi.MigrateSetCapabilitiesArgs{}
	for c, on := range state {
		args.Capabilities = append(args.Capabilities, qapi.MigrationCapabilityStatus{Capability: c, State: on})
	}
	if err := p.MigrateSetCapabilities(t.Context(), args); err != nil {
		t.Fatal(err)
	}
}

// whole sees that the VM runs and has its memory.
func (p *prover) whole(t *testing.T) {
	t.Helper()
	v, err := p.XVerifyMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if v.FaultyPages != 0 || v.Pages != journeyRAM/4096 || p.RunState() != qapi.RunStateRunning {
		t.Fatalf("%s; of %d pages %d are faulty: %+v", p.RunState(), v.Pages, v.FaultyPages, v.Faults)
	}
}

// over waits for one of some statuses.
func (p *prover) over(t *testing.T, wanted ...qapi.MigrationStatus) qapi.MigrationStatus {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		if s := p.Migration().Info().Status; s != nil {
			for _, want := range wanted {
				if *s == want {
					return want
				}
			}
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("none of %v: %s", wanted, p.Migration().Info().AppendJSON(nil))
	return ""
}

// soon passes a random part of the time that a slow migration takes.
func (j *journey) soon() { time.Sleep(time.Duration(j.random.Int64N(int64(20 * time.Millisecond)))) }
