package core

import (
	"context"
	"errors"
	"time"

	"qmpmigrate/core/dirtyrate"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

var _ qapi.DirtyRateCommands = (*Machine)(nil)

const (
	minDirtyRateTime = 50 * time.Millisecond
	maxDirtyRateTime = time.Minute

	// Pages to look at for each GiB.
	minSamplePages     = 128
	defaultSamplePages = 512
	maxSamplePages     = 16384
)

// CalcDirtyRate is calc-dirty-rate.
func (m *Machine) CalcDirtyRate(_ context.Context, args *qapi.CalcDirtyRateArgs) error {
	if m.dirtyRate.Result().Status == dirtyrate.Measuring {
		return errMeasuring()
	}
	unit := timeUnit(args.CalcTimeUnit)
	if n := args.CalcTime; n < int64(minDirtyRateTime/unit) || n > int64(maxDirtyRateTime/unit) ||
		time.Duration(n)*unit < minDirtyRateTime {
		return qapi.Errorf("Calculation time is out of range [%dms, %dms].",
			minDirtyRateTime.Milliseconds(), maxDirtyRateTime.Milliseconds())
	}
	mode, samples := qapi.DirtyRateMeasureModePageSampling, int64(defaultSamplePages)
	if args.Mode != nil {
		mode = *args.Mode
	}
	if args.SamplePages != nil {
		samples = *args.SamplePages
		switch {
		case mode != qapi.DirtyRateMeasureModePageSampling:
			return qapi.Errorf("sample-pages is used only in page-sampling mode")
		case samples < minSamplePages || samples > maxSamplePages:
			return qapi.Errorf("sample-pages is out of range[%d, %d].", minSamplePages, maxSamplePages)
		}
	}
	plan := dirtyrate.Plan{
		Mode: dirtyRateMode(mode), Span: time.Duration(args.CalcTime) * unit, Blocks: m.guest.Blocks(), Samples: uint64(samples),
	}
	// Where there are rings there is no other log of writes, as in QEMU.
	if rings := m.rings; mode != qapi.DirtyRateMeasureModePageSampling {
		if (mode == qapi.DirtyRateMeasureModeDirtyRing) != (rings != nil) {
			return qapi.Errorf("mode %s is not enabled, use other method instead.", mode)
		}
		plan.Rings = rings
	}
	plan.Measured = func(rate int64) {
		m.points.measured.Tell(trace.Int("dirtyrate", rate))
		m.points.measures.Tell(trace.Str("new_state", qapi.DirtyRateStatusMeasured))
	}
	switch err := m.dirtyRate.Start(plan); {
	case errors.Is(err, dirtyrate.ErrMeasuring):
		return errMeasuring()
	case err != nil:
		return qapi.Errorf("mode %s cannot be used now: %v", mode, err)
	}
	m.points.measures.Tell(trace.Str("new_state", qapi.DirtyRateStatusMeasuring))
	return nil
}

func dirtyRateMode(mode qapi.DirtyRateMeasureMode) dirtyrate.Mode {
	switch mode {
	case qapi.DirtyRateMeasureModeDirtyBitmap:
		return dirtyrate.Bitmap
	case qapi.DirtyRateMeasureModeDirtyRing:
		return dirtyrate.Ring
	}
	return dirtyrate.Sampling
}

func errMeasuring() error { return qapi.AsError(dirtyrate.ErrMeasuring) }

func timeUnit(u *qapi.TimeUnit) time.Duration {
	if u != nil && *u == qapi.TimeUnitMillisecond {
		return time.Millisecond
	}
	return time.Second
}

// QueryDirtyRate is query-dirty-rate.
func (m *Machine) QueryDirtyRate(_ context.Context, args *qapi.QueryDirtyRateArgs) (*qapi.DirtyRateInfo, error) {
	r := m.dirtyRate.Result()
	info := &qapi.DirtyRateInfo{
		CalcTimeUnit: qapi.TimeUnitSecond,
		SamplePages:  r.Samples,
		Mode:         qapi.DirtyRateMeasureModePageSampling,
	}
	switch r.Mode {
	case dirtyrate.Bitmap:
		info.Mode = qapi.DirtyRateMeasureModeDirtyBitmap
	case dirtyrate.Ring:
		info.Mode = qapi.DirtyRateMeasureModeDirtyRing
	}
	if args.CalcTimeUnit != nil {
		info.CalcTimeUnit = *args.CalcTimeUnit
	}
	info.CalcTime = int64(r.Time / timeUnit(&info.CalcTimeUnit))
	if !r.Began.IsZero() {
		info.StartTime = r.Began.Unix()
	}
	switch r.Status {
	case dirtyrate.Unstarted:
		info.Status = qapi.DirtyRateStatusUnstarted
	case dirtyrate.Measuring:
		info.Status = qapi.DirtyRateStatusMeasuring
	case dirtyrate.Measured:
		info.Status = qapi.DirtyRateStatusMeasured
		info.DirtyRate = &r.Rate
		if r.Mode != dirtyrate.Sampling {
			info.SamplePages = 0
		}
		for i, rate := range r.VCPUs {
			info.VCPUDirtyRate = append(info.VCPUDirtyRate, qapi.DirtyRateVcpu{ID: int64(i), DirtyRate: rate})
		}
	}
	m.points.asked.Tell(trace.Str("new_state", info.Status))
	return info, nil
}
