package core

import (
	"context"
	"time"

	"qmpmigrate/core/dirtyrate"
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
	switch mode {
	case qapi.DirtyRateMeasureModeDirtyRing:
		return qapi.Errorf("mode %s is not enabled, use other method instead.", mode)
	case qapi.DirtyRateMeasureModeDirtyBitmap:
		return qapi.Errorf("mode '%s' is not supported yet by this build", mode)
	}
	if !m.dirtyRate.Start(m.guest.Blocks(), time.Duration(args.CalcTime)*unit, uint64(samples)) {
		return errMeasuring()
	}
	return nil
}

func errMeasuring() error { return qapi.Errorf("the dirty rate is already being measured.") }

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
	}
	return info, nil
}

// SetVCPUDirtyLimit is set-vcpu-dirty-limit, which needs an accelerator with dirty rings.
func (m *Machine) SetVCPUDirtyLimit(context.Context, *qapi.SetVCPUDirtyLimitArgs) error {
	return qapi.Errorf("dirty page limit feature requires KVM with accelerator property 'dirty-ring-size' set'")
}

// CancelVCPUDirtyLimit is cancel-vcpu-dirty-limit: there is never a limit to lift.
func (m *Machine) CancelVCPUDirtyLimit(context.Context, *qapi.CancelVCPUDirtyLimitArgs) error {
	return nil
}

// QueryVCPUDirtyLimit is query-vcpu-dirty-limit.
func (m *Machine) QueryVCPUDirtyLimit(context.Context) ([]qapi.DirtyLimitInfo, error) {
	return []qapi.DirtyLimitInfo{}, nil
}
