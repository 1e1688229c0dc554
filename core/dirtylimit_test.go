package core

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

const dirtyLimit = qapi.MigrationCapabilityDirtyLimit

// limits are query-vcpu-dirty-limit's as limit of vCPU 0, of vCPU 1, ...
func (p *prover) limits(t *testing.T) string {
	t.Helper()
	list, err := p.QueryVCPUDirtyLimit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, l := range list {
		text += fmt.Sprintf("%d:%d ", l.CPUIndex, l.LimitRate)
	}
	return text
}

func TestDirtyLimitCommands(t *testing.T) {
	p := newRinged(t, 1<<20, 4096, false)
	set := func(index *int64, rate uint64) error {
		return p.SetVCPUDirtyLimit(t.Context(), &qapi.SetVCPUDirtyLimitArgs{CPUIndex: index, DirtyRate: rate})
	}
	cancel := func(index *int64) error {
		return p.CancelVCPUDirtyLimit(t.Context(), &qapi.CancelVCPUDirtyLimitArgs{CPUIndex: index})
	}
	const index = "incorrect cpu index specified"
	for _, step := range []struct {
		do           func() error
		want, limits string
	}{
		{func() error { return cancel(nil) }, "", ""},
		{func() error { return set(new(int64(1)), 50) }, "", "1:50 "},
		{func() error { return set(new(int64(2)), 50) }, index, "1:50 "},
		{func() error { return set(new(int64(-1)), 50) }, index, "1:50 "},
		{func() error { return cancel(new(int64(2))) }, index, "1:50 "},
		{func() error { return cancel(new(int64(0))) }, "", "1:50 "},
		{func() error { return set(nil, 10) }, "", "0:10 1:10 "},
		{func() error { return cancel(new(int64(1))) }, "", "0:10 "},
		{func() error { return set(new(int64(0)), 0) }, "", ""},
		{func() error { return set(nil, 1<<64-1) }, "", "0:18446744073709551615 1:18446744073709551615 "},
		{func() error { return set(nil, 0) }, "", ""},
	} {
		got := ""
		if err := step.do(); err != nil {
			got = err.Error()
		}
		if got != step.want || p.limits(t) != step.limits {
			t.Errorf("%q and limits %s, want %q and %s", got, p.limits(t), step.want, step.limits)
		}
	}
	// Without rings nothing is as it was.
	plain := newRinged(t, 1<<20, 0, false)
	err := plain.SetVCPUDirtyLimit(t.Context(), &qapi.SetVCPUDirtyLimitArgs{CPUIndex: new(int64(9)), DirtyRate: 5})
	if err == nil || err.Error() != "dirty page limit feature requires KVM with accelerator property 'dirty-ring-size' set'" {
		t.Error(err)
	}
	if err := plain.CancelVCPUDirtyLimit(t.Context(), &qapi.CancelVCPUDirtyLimitArgs{CPUIndex: new(int64(9))}); err != nil {
		t.Error(err)
	}
}

// A vCPU that is limited to 50 MiB/s dirties that, while the other one does as it likes, and both are told so.
func TestVCPUKeepsItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newRinged(t, 200<<20, 1024, false)
		if err := p.SetVCPUDirtyLimit(t.Context(), &qapi.SetVCPUDirtyLimitArgs{CPUIndex: new(int64(0)), DirtyRate: 50}); err != nil {
			t.Fatal(err)
		}
		info := p.measure(t, qapi.DirtyRateMeasureModeDirtyRing, 10)
		if !between(&info.VCPUDirtyRate[0].DirtyRate, 49, 50) || info.VCPUDirtyRate[1].DirtyRate < 100 {
			t.Errorf("%s", info.AppendJSON(nil))
		}
		list, err := p.QueryVCPUDirtyLimit(t.Context())
		if err != nil || len(list) != 1 || list[0].LimitRate != 50 || list[0].CurrentRate < 49 || list[0].CurrentRate > 50 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// newUnending is a guest that writes 60 MiB/s, a migration of which at 48 MiB/s does not end by itself.
func newUnending(t *testing.T, conf Config, set qapi.MigrateSetParameters) *prover {
	t.Helper()
	stress := memtest.NewStress()
	stress.Rate, stress.UpdateSize = 60<<20, 8
	p := launched(t, conf, memtest.Config{RAMSize: 48 << 20, DirtyRing: 1024, Workload: stress})
	p.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(48 << 20)), DowntimeLimit: new(uint64(100))})
	p.set(t, set)
	return p
}

func TestLimitsMakeMigrationEnd(t *testing.T) {
	for _, c := range []struct {
		name  string
		on    bool
		limit uint64 // MiB per second
		ends  bool
	}{{"off", false, 1, false}, {"on", true, 1, true}, {"too high", true, 55, false}} {
		synctest.Test(t, func(t *testing.T) {
			var told []string
			set := trace.NewSet(trace.Lines(func(line string) { told = append(told, line) }))
			set.Switch("migration_dirty_limit_guest", true)
			p := newUnending(t, Config{Trace: set}, qapi.MigrateSetParameters{VCPUDirtyLimit: &c.limit, XVCPUDirtyLimitPeriod: new(uint64(100))})
			if c.on {
				p.enable(t, dirtyLimit)
			}
			p.send(t, "file:/dev/null")
			seen := false
			for began := time.Now(); *p.Migration().Info().Status != completed && time.Since(began) < time.Minute; {
				time.Sleep(100 * time.Millisecond)
				i := p.Migration().Info()
				if held := i.DirtyLimitThrottleTimePerRound; held != nil && *held > 0 {
					seen = true
					if i.DirtyLimitRingFullTime == nil || i.CPUThrottlePercentage != nil {
						t.Errorf("%s: %s", c.name, i.AppendJSON(nil))
					}
				}
			}
			i := p.Migration().Info()
			if c.ends != (*i.Status == completed) {
				t.Errorf("%s: %s", c.name, *i.Status)
			}
			want := fmt.Sprintf("migration_dirty_limit_guest dirtyrate=%d", c.limit)
			if c.on != (len(told) == 1 && told[0] == want) || seen != c.on {
				t.Errorf("%s: told %q, seen in query-migrate: %v", c.name, told, seen)
			}
			if c.ends && (p.limits(t) != "" || i.DirtyLimitThrottleTimePerRound != nil || i.DirtyLimitRingFullTime != nil) {
				t.Errorf("%s: afterwards limits %s, %s", c.name, p.limits(t), i.AppendJSON(nil))
			}
		})
	}
}

// While a migration limits its vCPUs nobody else may; however it ends, they are as their user has left them.
func TestLimitsAreLiftedAtTheEnd(t *testing.T) {
	for end, act := range map[qapi.MigrationStatus]func(t *testing.T, m *Machine){
		qapi.MigrationStatusCancelled: func(t *testing.T, m *Machine) { m.MigrateCancel(t.Context()) },
		qapi.MigrationStatusFailed:    yankMigration,
		qapi.MigrationStatusCompleted: func(t *testing.T, m *Machine) {
			m.MigrateSetParameters(t.Context(), &qapi.MigrateSetParameters{DowntimeLimit: new(uint64(100000))})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newUnending(t, Config{}, qapi.MigrateSetParameters{VCPUDirtyLimit: new(uint64(55)), XVCPUDirtyLimitPeriod: new(uint64(100))})
			p.enable(t, dirtyLimit)
			set := func() error {
				return p.SetVCPUDirtyLimit(t.Context(), &qapi.SetVCPUDirtyLimitArgs{DirtyRate: 58})
			}
			p.send(t, "file:/dev/null")
			if err := set(); err != nil { // there is no limit yet
				t.Error(err)
			}
			const running = " dirty page rate limit while migration is running"
			if err := set(); err == nil || err.Error() != "can't set"+running {
				t.Error(err)
			}
			err := p.CancelVCPUDirtyLimit(t.Context(), &qapi.CancelVCPUDirtyLimitArgs{})
			if err == nil || err.Error() != "can't cancel"+running {
				t.Error(err)
			}
			for p.limits(t) != "0:55 " {
				time.Sleep(100 * time.Millisecond)
			}
			p.set(t, qapi.MigrateSetParameters{VCPUDirtyLimit: new(uint64(54))})
			for p.limits(t) != "0:54 " { // it acts without another sign that the guest writes too fast
				time.Sleep(100 * time.Millisecond)
			}
			act(t, p.Machine)
			if err := p.Migration().Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			if s := *p.Migration().Info().Status; s != end || p.limits(t) != "0:58 " {
				t.Errorf("%s, want %s: limits %s", s, end, p.limits(t))
			}
			if err := set(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A guest that would never fit arrives, whole, whoever runs its vCPUs.
func TestLimitedPairConverges(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, apart bool) {
		t.Parallel()
		const size, rate, link = 4 << 20, 40 << 20, 4 << 20 // also a tenth of rate would be too much
		machine := func(incoming bool) *prover {
			stress := memtest.NewStress()
			stress.Rate, stress.UpdateSize = rate, 8
			return launched(t, Config{Incoming: incoming}, memtest.Config{RAMSize: size, Workload: stress, Apart: apart, DirtyRing: 512})
		}
		src, dst := machine(false), machine(true)
		src.enable(t, dirtyLimit)
		src.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(link)), DowntimeLimit: new(uint64(50))})
		uri := "unix:" + t.TempDir() + "/mig"
		if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
			t.Fatal(err)
		}
		src.send(t, uri)
		limited := false
		await(t, src.Machine, "completed", func(i *qapi.MigrationInfo) bool {
			limited = limited || src.limits(t) == "0:1 "
			return *i.Status == completed
		})
		dst.reach(t, completed)
		if v, err := dst.XVerifyMemory(t.Context()); err != nil || v.FaultyPages != 0 || v.Pages != size/4096 {
			t.Errorf("%+v, %v", v, err)
		}
		if !limited || src.limits(t) != "" || dst.limits(t) != "" {
			t.Errorf("limited %v, now %s and %s", limited, src.limits(t), dst.limits(t))
		}
	})
}
