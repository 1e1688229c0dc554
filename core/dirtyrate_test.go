package core

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

func TestDirtyRateChecks(t *testing.T) {
	m, err := NewMemtest(Config{}, memtest.Config{RAMSize: 1 << 20, Workload: &memtest.Idle{}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	ms, ring, bitmap := qapi.TimeUnitMillisecond, qapi.DirtyRateMeasureModeDirtyRing, qapi.DirtyRateMeasureModeDirtyBitmap
	const span = "Calculation time is out of range [50ms, 60000ms]."
	for _, test := range []struct {
		args qapi.CalcDirtyRateArgs
		want string
	}{
		{qapi.CalcDirtyRateArgs{CalcTime: 0}, span},
		{qapi.CalcDirtyRateArgs{CalcTime: -1}, span},
		{qapi.CalcDirtyRateArgs{CalcTime: 61}, span},
		{qapi.CalcDirtyRateArgs{CalcTime: 1 << 62}, span},
		{qapi.CalcDirtyRateArgs{CalcTime: 49, CalcTimeUnit: &ms}, span},
		{qapi.CalcDirtyRateArgs{CalcTime: 60001, CalcTimeUnit: &ms}, span},
		{qapi.CalcDirtyRateArgs{CalcTime: 1, SamplePages: new(int64(127))}, "sample-pages is out of range[128, 16384]."},
		{qapi.CalcDirtyRateArgs{CalcTime: 1, SamplePages: new(int64(16385))}, "sample-pages is out of range[128, 16384]."},
		{qapi.CalcDirtyRateArgs{CalcTime: 1, SamplePages: new(int64(512)), Mode: &bitmap}, "sample-pages is used only in page-sampling mode"},
		{qapi.CalcDirtyRateArgs{CalcTime: 1, Mode: &ring}, "mode dirty-ring is not enabled, use other method instead."},
	} {
		if err := m.CalcDirtyRate(context.Background(), &test.args); err == nil || err.Error() != test.want {
			t.Errorf("%+v: %v, want %s", test.args, err, test.want)
		}
	}
}

func TestDirtyRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		m, err := NewMemtest(Config{}, memtest.Config{RAMSize: 1 << 20, Workload: &memtest.Idle{}})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		query := func(unit *qapi.TimeUnit) *qapi.DirtyRateInfo {
			info, err := m.QueryDirtyRate(ctx, &qapi.QueryDirtyRateArgs{CalcTimeUnit: unit})
			if err != nil {
				t.Fatal(err)
			}
			return info
		}
		if got := string(query(nil).AppendJSON(nil)); got != `{"status": "unstarted", "start-time": 0, "calc-time": 0, `+
			`"calc-time-unit": "second", "sample-pages": 0, "mode": "page-sampling"}` {
			t.Error(got)
		}
		ms := qapi.TimeUnitMillisecond
		args := &qapi.CalcDirtyRateArgs{CalcTime: 1999, CalcTimeUnit: &ms, SamplePages: new(int64(128))}
		if err := m.CalcDirtyRate(ctx, args); err != nil {
			t.Fatal(err)
		}
		if err := m.CalcDirtyRate(ctx, args); err == nil || err.Error() != "the dirty rate is already being measured." {
			t.Error(err)
		}
		synctest.Wait()
		if info := query(nil); info.Status != qapi.DirtyRateStatusMeasuring || info.CalcTime != 1 || info.DirtyRate != nil || info.StartTime == 0 {
			t.Errorf("%+v", info)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if info := query(&ms); info.Status != qapi.DirtyRateStatusMeasured || info.CalcTime != 1999 || info.DirtyRate == nil ||
			*info.DirtyRate != 0 || info.SamplePages != 128 {
			t.Errorf("%+v", info)
		}
	})
}
