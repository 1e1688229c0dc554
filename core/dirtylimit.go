package core

import (
	"context"

	"qmpmigrate/core/dirtyring"
	"qmpmigrate/qapi"
)

// DirtyRings are those of the vCPUs, nil where they have none.
func (m *Machine) DirtyRings() *dirtyring.Rings { return m.rings }

// SetVCPUDirtyLimit is set-vcpu-dirty-limit, which needs vCPUs with dirty rings.
func (m *Machine) SetVCPUDirtyLimit(_ context.Context, args *qapi.SetVCPUDirtyLimitArgs) error {
	if m.rings == nil {
		return qapi.Errorf("dirty page limit feature requires KVM with accelerator property 'dirty-ring-size' set'")
	}
	return m.limitDirtying("set", args.CPUIndex, args.DirtyRate)
}

// CancelVCPUDirtyLimit is cancel-vcpu-dirty-limit. Without rings there is never a
// limit to lift.
func (m *Machine) CancelVCPUDirtyLimit(_ context.Context, args *qapi.CancelVCPUDirtyLimitArgs) error {
	if m.rings == nil {
		return nil
	}
	return m.limitDirtying("cancel", args.CPUIndex, 0)
}

// limitDirtying limits a vCPU, or all where index is nil, to rate MiB per second;
// 0 is no limit.
func (m *Machine) limitDirtying(verb string, index *int64, rate uint64) error {
	vcpu := dirtyring.All
	if index != nil {
		if *index < 0 || *index >= int64(m.rings.VCPUs()) {
			return qapi.Errorf("incorrect cpu index specified")
		}
		vcpu = int(*index)
	}
	if m.migration.LimitsDirtying() && m.rings.InService() {
		return qapi.Errorf("can't %s dirty page rate limit while migration is running", verb)
	}
	m.rings.Set(vcpu, rate)
	return nil
}

// QueryVCPUDirtyLimit is query-vcpu-dirty-limit.
func (m *Machine) QueryVCPUDirtyLimit(context.Context) ([]qapi.DirtyLimitInfo, error) {
	list := []qapi.DirtyLimitInfo{}
	if m.rings != nil {
		for _, l := range m.rings.Limits() {
			list = append(list, qapi.DirtyLimitInfo{CPUIndex: int64(l.VCPU), LimitRate: l.Most, CurrentRate: l.Rate})
		}
	}
	return list, nil
}
