package core

import (
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

// newRinged is a machine with two vCPUs that write rate bytes a second each, and with dirty rings if ring is not 0.
func newRinged(t *testing.T, rate uint64, ring int, apart bool) *prover {
	t.Helper()
	stress := memtest.NewStress()
	stress.Rate, stress.UpdateSize = rate, 8
	return launched(t, Config{}, memtest.Config{RAMSize: 64 << 20, VCPUs: 2, DirtyRing: ring, Workload: stress, Apart: apart})
}

// measure is query-dirty-rate after calc-dirty-rate in a mode.
func (p *prover) measure(t *testing.T, mode qapi.DirtyRateMeasureMode, seconds int64) *qapi.DirtyRateInfo {
	t.Helper()
	if err := p.CalcDirtyRate(t.Context(), &qapi.CalcDirtyRateArgs{CalcTime: seconds, Mode: &mode}); err != nil {
		t.Fatal(err)
	}
	for {
		info, err := p.QueryDirtyRate(t.Context(), &qapi.QueryDirtyRateArgs{})
		if err != nil {
			t.Fatal(err)
		}
		switch info.Status {
		case qapi.DirtyRateStatusMeasured:
			return info
		case qapi.DirtyRateStatusMeasuring:
			if info.SamplePages != 512 || info.Mode != mode || info.DirtyRate != nil || info.VCPUDirtyRate != nil || info.StartTime == 0 {
				t.Errorf("while it measures: %s", info.AppendJSON(nil))
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func between(n *int64, low, high int64) bool { return n != nil && *n >= low && *n <= high }

// Two vCPUs that write 8 MiB/s each come to 16 of their 64 MiB in a second, as each mode finds out.
func TestDirtyRateModes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plain, ringed := newRinged(t, 8<<20, 0, false), newRinged(t, 8<<20, 4096, false)
		if info := plain.measure(t, qapi.DirtyRateMeasureModeDirtyBitmap, 2); !between(info.DirtyRate, 15, 17) ||
			info.SamplePages != 0 || info.VCPUDirtyRate != nil || info.CalcTime != 2 {
			t.Errorf("%s", info.AppendJSON(nil))
		}
		for _, p := range []*prover{plain, ringed} {
			if info := p.measure(t, qapi.DirtyRateMeasureModePageSampling, 2); !between(info.DirtyRate, 4, 28) || info.SamplePages != 512 {
				t.Errorf("%s", info.AppendJSON(nil))
			}
		}
		info := ringed.measure(t, qapi.DirtyRateMeasureModeDirtyRing, 2)
		if !between(info.DirtyRate, 14, 17) || len(info.VCPUDirtyRate) != 2 || info.SamplePages != 0 {
			t.Fatalf("%s", info.AppendJSON(nil))
		}
		for i, v := range info.VCPUDirtyRate {
			if v.ID != int64(i) || !between(&v.DirtyRate, 7, 8) {
				t.Errorf("%s", info.AppendJSON(nil))
			}
		}
		// Where there is a ring there is no bitmap, and the other way round.
		for p, mode := range map[*prover]qapi.DirtyRateMeasureMode{
			plain: qapi.DirtyRateMeasureModeDirtyRing, ringed: qapi.DirtyRateMeasureModeDirtyBitmap,
		} {
			err := p.CalcDirtyRate(t.Context(), &qapi.CalcDirtyRateArgs{CalcTime: 1, Mode: &mode})
			if want := "mode " + string(mode) + " is not enabled, use other method instead."; err == nil || err.Error() != want {
				t.Errorf("%s: %v", mode, err)
			}
		}
	})
}

// Nothing is lost of a migration beside which somebody counts in its log, and the count is one of what was written.
func TestCountBesideMigration(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, apart bool) {
		t.Parallel()
		src, dst := newProverOn(t, false, apart), newProverOn(t, true, apart)
		uri := "unix:" + t.TempDir() + "/mig"
		if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
			t.Fatal(err)
		}
		src.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(16 << 20)), DowntimeLimit: new(uint64(1))})
		src.send(t, uri)
		mode, ms := qapi.DirtyRateMeasureModeDirtyBitmap, qapi.TimeUnitMillisecond
		rounds := 0
		await(t, src.Machine, "completed", func(m *qapi.MigrationInfo) bool {
			info, err := src.QueryDirtyRate(t.Context(), &qapi.QueryDirtyRateArgs{})
			if err != nil {
				t.Fatal(err)
			}
			if info.Status == qapi.DirtyRateStatusMeasuring {
				return *m.Status == completed
			}
			if rounds++; rounds == 4 {
				src.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(0)), DowntimeLimit: new(uint64(100000))})
			}
			if err := src.CalcDirtyRate(t.Context(), &qapi.CalcDirtyRateArgs{CalcTime: 50, CalcTimeUnit: &ms, Mode: &mode}); err != nil {
				t.Fatal(err)
			}
			return *m.Status == completed
		})
		dst.reach(t, completed)
		dst.proven(t)
	})
}
