package migration

import (
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/memory"
	"qmpmigrate/qapi"
)

// Info is the answer to query-migrate. Where the machine was destination and
// source, the source counts.
func (m *Migration) Info() *qapi.MigrationInfo {
	m.mu.Lock()
	defer m.mu.Unlock()
	info := &qapi.MigrationInfo{}
	if m.in != nil {
		m.in.report(info)
	}
	if m.out != nil {
		m.out.report(info, time.Now())
	}
	return info
}

func (in *incoming) report(info *qapi.MigrationInfo) {
	status, err := in.state()
	info.Status = &status
	if err != nil {
		info.ErrorDesc = new(err.Error())
	}
	if status == qapi.MigrationStatusSetup || status == qapi.MigrationStatusActive {
		for _, a := range channels.Addresses(in.listener) {
			if s := socketAddress(a); s != nil {
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

func (o *outgoing) report(info *qapi.MigrationInfo, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	status := o.status
	info.Status = &status
	if o.err != nil {
		info.ErrorDesc = new(o.err.Error())
	}
	switch status {
	case qapi.MigrationStatusActive, qapi.MigrationStatusDevice, qapi.MigrationStatusCancelling:
		info.ExpectedDowntime = new(o.progress.expected.Milliseconds())
	case qapi.MigrationStatusCompleted:
		info.Downtime = new(o.progress.downtime().Milliseconds())
	default:
		return
	}
	info.SetupTime = new(o.progress.setupTime().Milliseconds())
	info.TotalTime = new(o.progress.totalTime(now).Milliseconds())
	info.RAM = o.ramStats(status == qapi.MigrationStatusCompleted)
}

func (o *outgoing) ramStats(completed bool) *qapi.MigrationStats {
	p := &o.progress
	precopy, downtime := p.byPhase()
	s := &qapi.MigrationStats{
		Transferred:    p.transferred,
		Total:          int64(p.total),
		Duplicate:      int64(o.stats.Zero.Load()),
		Normal:         int64(o.stats.Normal.Load()),
		DirtySyncCount: int64(o.stats.Syncs.Load()),
		PageSize:       memory.PageSize,
		Mbps:           p.mbps,
		PagesPerSecond: uint64(p.pagesRate),
		PrecopyBytes:   uint64(precopy),
		DowntimeBytes:  uint64(downtime),
	}
	s.NormalBytes = s.Normal * memory.PageSize
	if !completed {
		s.Remaining = int64(o.stats.Remaining.Load()) * memory.PageSize
		s.DirtyPagesRate = int64(o.stats.DirtyRate.Load())
	}
	return s
}
