package migration

import (
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/qapi"
)

// Info is the answer to query-migrate. Where the machine was destination and
// source, the source counts.
func (m *Migration) Info() *qapi.MigrationInfo {
	info := &qapi.MigrationInfo{BlockedReasons: m.blockers.Texts()}
	out, in := m.current()
	if in != nil {
		in.report(info)
	}
	if out != nil {
		out.report(info, time.Now())
	}
	return info
}

func (in *incoming) report(info *qapi.MigrationInfo) {
	status, err := in.state()
	info.Status = &status
	if err != nil {
		info.ErrorDesc = new(err.Error())
	}
	if times := in.times.Load(); times != nil && status == qapi.MigrationStatusCompleted {
		all, each := times.Result()
		info.PostcopyBlocktime, info.PostcopyVCPUBlocktime = &all, each
	}
	if status == qapi.MigrationStatusSetup || status == qapi.MigrationStatusActive || states.InPostcopy(status) {
		var addresses []channels.Address
		if l := in.gate.Where(in.listener); l != nil {
			addresses = channels.Addresses(l)
		}
		for _, a := range addresses {
			if s := links.SocketAddress(a); s != nil {
				info.SocketAddress = append(info.SocketAddress, *s)
			}
		}
	}
}

func (o *outgoing) state() (qapi.MigrationStatus, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.status, o.err
}

// report tells what is known in each status: times and counters only from the
// first page on, and no longer where they led to nothing.
func (o *outgoing) report(info *qapi.MigrationInfo, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	status := o.status
	info.Status = &status
	if o.err != nil {
		info.ErrorDesc = new(o.err.Error())
	}
	completed := status == qapi.MigrationStatusCompleted
	switch {
	case completed, states.InPostcopy(status):
		info.Downtime = new(o.progress.downtime().Milliseconds())
	case status == qapi.MigrationStatusActive, status == qapi.MigrationStatusPreSwitchover,
		status == qapi.MigrationStatusDevice, status == qapi.MigrationStatusCancelling:
		info.ExpectedDowntime = new(o.progress.expected.Milliseconds())
	default:
		return
	}
	info.SetupTime = new(o.progress.setupTime().Milliseconds())
	info.TotalTime = new(o.progress.totalTime(now).Milliseconds())
	info.RAM = o.ramStats(completed)
	info.Disk = o.diskInfo()
	info.XBZRLECache = o.xbzrleStats()
	info.VFIO = vfioStats(o.m.host.Guest())
	o.reportLimit(info)
	if rests := int64(o.progress.throttle); rests > 0 {
		info.CPUThrottlePercentage = &rests
	}
}

func (o *outgoing) ramStats(completed bool) *qapi.MigrationStats {
	p := &o.progress
	precopy, downtime, postcopy := p.byPhase()
	s := &qapi.MigrationStats{
		Transferred:      p.transferred,
		Total:            int64(p.total),
		Duplicate:        int64(o.stats.Zero.Load()),
		Normal:           int64(o.stats.Normal.Load()),
		DirtySyncCount:   int64(o.stats.Syncs.Load()),
		PostcopyRequests: int64(o.stats.Requests.Load()),
		PageSize:         memory.PageSize,
		MultifdBytes:     o.stats.OnLanes.Load(),
		Mbps:             p.mbps,
		PagesPerSecond:   uint64(p.pagesRate),
		PrecopyBytes:     uint64(precopy),
		DowntimeBytes:    uint64(downtime),
		PostcopyBytes:    uint64(postcopy),

		DirtySyncMissedZeroCopy: o.stats.Copied.Load(),
	}
	s.NormalBytes = s.Normal * memory.PageSize
	if !completed {
		s.Remaining = int64(o.stats.Remaining.Load()) * memory.PageSize
		s.DirtyPagesRate = int64(o.stats.DirtyRate.Load())
	}
	return s
}
