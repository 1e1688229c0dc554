package migration

import (
	"time"

	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// usualPeriod is the time between two looks at what the vCPUs dirty while no
// migration limits that.
const usualPeriod = time.Second

// limitsDirtying says whether vCPUs that dirty too much are limited, each by itself.
func (m *Migration) limitsDirtying() bool {
	return m.settings.Enabled(qapi.MigrationCapabilityDirtyLimit)
}

// LimitsDirtying says whether a migration is under way that limits what vCPUs
// dirty: nobody else may then.
func (m *Migration) LimitsDirtying() bool { return m.limitsDirtying() && m.busy() }

// DirtyLimitPeriod is the time between two looks at what the vCPUs dirty.
func (m *Migration) DirtyLimitPeriod() time.Duration {
	if m.LimitsDirtying() {
		return m.settings.DirtyLimitPeriod()
	}
	return usualPeriod
}

// limit is what converge does with dirty-limit: once too much was written, all
// vCPUs have a limit until the end. A change of the limit acts at the next look
// at the log.
func (o *outgoing) limit(now time.Time, dirtied, moved uint64) {
	_, _, high := o.throttle.Excess(now, dirtied, moved, o.m.settings.Throttling().Trigger)
	rate := o.m.settings.VCPUDirtyLimit()
	if !high && o.limited == 0 || rate == o.limited {
		return
	}
	o.limited = rate
	o.m.points.dirtyLimit.Tell(trace.Uint("dirtyrate", rate))
	o.m.host.DirtyRings().Rule(rate)
}

// unlimit leaves the vCPUs the limits that their user has set.
func (o *outgoing) unlimit() {
	if o.limited != 0 {
		o.limited = 0
		o.m.host.DirtyRings().Rule(0)
	}
}

// harvest makes pages count again that are written after a look at the log.
func (o *outgoing) harvest() {
	if rings := o.m.host.DirtyRings(); rings != nil {
		rings.Harvest()
	}
}

// reportLimit tells what limits do, as long as there are any.
func (o *outgoing) reportLimit(info *qapi.MigrationInfo) {
	rings := o.m.host.DirtyRings()
	if rings == nil || !o.m.limitsDirtying() || !rings.InService() {
		return
	}
	held, fill := rings.Times()
	info.DirtyLimitThrottleTimePerRound = new(uint64(held.Microseconds()))
	info.DirtyLimitRingFullTime = new(uint64(fill.Microseconds()))
}
