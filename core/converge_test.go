package core

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

const autoConverge = qapi.MigrationCapabilityAutoConverge

// newBusy is a machine whose guest writes rate bytes a second of its size bytes.
func newBusy(t *testing.T, conf Config, size, rate uint64, apart bool) *prover {
	t.Helper()
	stress := memtest.NewStress()
	stress.Rate, stress.UpdateSize = rate, 8
	return launched(t, conf, memtest.Config{RAMSize: size, Workload: stress, Apart: apart})
}

func (p *prover) set(t *testing.T, to qapi.MigrateSetParameters) {
	t.Helper()
	if err := p.MigrateSetParameters(t.Context(), &to); err != nil {
		t.Fatal(err)
	}
}

func (p *prover) send(t *testing.T, uri string) {
	t.Helper()
	if err := p.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
}

// rests is cpu-throttle-percentage, 0 where it is not told.
func (p *prover) rests() int64 {
	if n := p.Migration().Info().CPUThrottlePercentage; n != nil {
		return *n
	}
	return 0
}

// In a bubble's time a migration to nowhere takes exactly as long as the limit
// of its bandwidth says.
func TestGuestIsSlowedDownStepByStep(t *testing.T) {
	for _, c := range []struct {
		name     string
		on       bool
		set      qapi.MigrateSetParameters
		within   time.Duration
		percents []string // of them all, the first ones
		never    string   // what they do not come to
	}{
		{name: "off", within: time.Minute},
		{name: "on", on: true, within: time.Minute, percents: []string{"20", "30", "40"}},
		{name: "steps", on: true, within: time.Minute, set: qapi.MigrateSetParameters{
			CPUThrottleInitial: new(uint8(5)), CPUThrottleIncrement: new(uint8(25)), MaxCPUThrottle: new(uint8(60)),
		}, percents: []string{"5", "30", "55"}},
		// At 20 % it writes twice what the trigger allows: half of what it still runs is too much.
		{name: "tailslow", on: true, within: time.Minute, set: qapi.MigrateSetParameters{
			CPUThrottleTailslow: new(true), CPUThrottleIncrement: new(uint8(80)), DowntimeLimit: new(uint64(10)),
		}, percents: []string{"20"}, never: "99"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var told []string
			set := trace.NewSet(trace.Lines(func(line string) { told = append(told, line) }))
			set.Switch("cpu_throttle_set", true)
			p := newBusy(t, Config{Trace: set}, 48<<20, 60<<20, false)
			// What is left never fits while the guest writes as fast as it can.
			p.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(48 << 20)), DowntimeLimit: new(uint64(100))})
			p.set(t, c.set)
			if c.on {
				p.enable(t, autoConverge)
			}
			p.send(t, "file:/dev/null")
			began := time.Now()
			for *p.Migration().Info().Status != completed && time.Since(began) < c.within {
				time.Sleep(100 * time.Millisecond)
			}
			status := *p.Migration().Info().Status
			if c.on != (status == completed) {
				t.Errorf("%s: %s after %v", c.name, status, time.Since(began))
			}
			var want []string
			for _, percent := range c.percents {
				want = append(want, "cpu_throttle_set new_throttle_pct="+percent)
			}
			if len(told) < len(want) || !slices.Equal(told[:len(want)], want) || !c.on && told != nil {
				t.Errorf("%s: %s", c.name, strings.Join(told, "\n"))
			}
			if c.never != "" && slices.Contains(told, "cpu_throttle_set new_throttle_pct="+c.never) {
				t.Errorf("%s: %v", c.name, told)
			}
			if p.rests() != 0 {
				t.Errorf("%s: the guest rests for %d %% after the end", c.name, p.rests())
			}
		})
	}
}

// reined is a counter that is told how much to rest.
type reined struct {
	*counter
	mu    sync.Mutex
	rests []int
}

func (r *reined) SetThrottle(percent int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rests = append(r.rests, percent)
}

// However a migration ends, the guest runs as it likes afterwards.
func TestGuestIsLetGo(t *testing.T) {
	for end, act := range map[qapi.MigrationStatus]func(t *testing.T, m *Machine){
		qapi.MigrationStatusCancelled: func(t *testing.T, m *Machine) { m.MigrateCancel(t.Context()) },
		qapi.MigrationStatusFailed:    yankMigration,
		qapi.MigrationStatusCompleted: func(t *testing.T, m *Machine) {
			m.MigrateSetParameters(t.Context(), &qapi.MigrateSetParameters{DowntimeLimit: new(uint64(100000))})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := &reined{counter: newCounter(t, 3000)}
			g.pace = 10 * time.Millisecond
			m := New(Config{}, "test-1.0", guest.Guest(g))
			p := &prover{Machine: m}
			p.enable(t, autoConverge)
			p.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(4 << 20)), DowntimeLimit: new(uint64(1))})
			if err := m.Launch(); err != nil {
				t.Fatal(err)
			}
			p.send(t, "file:/dev/null")
			for p.rests() != 30 {
				time.Sleep(time.Second)
			}
			act(t, m)
			if err := m.Migration().Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			g.mu.Lock()
			defer g.mu.Unlock()
			if s := *m.Migration().Info().Status; s != end || p.rests() != 0 || !slices.Equal(g.rests, []int{20, 30, 0}) {
				t.Errorf("%s, want %s: rests %v, tells %d", s, end, g.rests, p.rests())
			}
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A guest that would never fit arrives, whole, whoever runs its vCPUs.
func TestBusyPairConverges(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, apart bool) {
		t.Parallel()
		const size, rate, link = 4 << 20, 40 << 20, 4 << 20 // also a tenth of rate would be too much
		limits := qapi.MigrateSetParameters{MaxBandwidth: new(uint64(link)), DowntimeLimit: new(uint64(50)), CPUThrottleInitial: new(uint8(99))}
		left := newBusy(t, Config{}, size, rate, apart)
		src, dst := newBusy(t, Config{}, size, rate, apart), newBusy(t, Config{Incoming: true}, size, rate, apart)
		src.enable(t, autoConverge)
		for _, p := range []*prover{left, src} {
			p.set(t, limits)
		}
		uri := "unix:" + filepath.Join(t.TempDir(), "mig")
		if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
			t.Fatal(err)
		}
		src.send(t, uri)
		left.send(t, "file:/dev/null")
		most := int64(0)
		await(t, src.Machine, "completed", func(i *qapi.MigrationInfo) bool {
			most = max(most, src.rests())
			return *i.Status == completed
		})
		dst.reach(t, completed)
		if v, err := dst.XVerifyMemory(t.Context()); err != nil || v.FaultyPages != 0 || v.Pages != size/4096 {
			t.Errorf("%+v, %v", v, err)
		}
		if most != 99 || src.rests() != 0 || dst.rests() != 0 {
			t.Errorf("the guest rested for %d %%, and now for %d and %d", most, src.rests(), dst.rests())
		}
		// The one that was left alone is where it was.
		if i := left.Migration().Info(); *i.Status != qapi.MigrationStatusActive || i.CPUThrottlePercentage != nil {
			t.Errorf("%s", i.AppendJSON(nil))
		}
		left.MigrateCancel(t.Context())
	})
}
