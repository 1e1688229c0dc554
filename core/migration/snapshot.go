package migration

import (
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/sections"
	"qmpmigrate/core/migration/settings"
	"qmpmigrate/core/savevm"
)

// snapshot sends the VM as it is at one moment, while it goes on. Nothing in here
// but the moment itself asks the host for anything: who has the VM may be waiting
// for a page to be sent.
func (o *outgoing) snapshot(s *sending, machine guest.Machine) error {
	var devices []byte
	err := o.m.host.Moment(func() (err error) {
		if err = o.ended(); err != nil {
			return err
		}
		now := time.Now()
		o.stopped(now)
		o.stages.begin(now, "src-downtime-start")
		devices, err = s.Stash(func(inner *savevm.Saver) error { return saveDevices(inner, &s.quirks, machine) })
		if err != nil {
			return err
		}
		o.stages.passed(partDevices, "src-non-iterable-saved")
		err = o.ram.Freeze()
		o.stages.passed(partFreeze, "")
		return err
	})
	o.wentOn(time.Now())
	if err != nil {
		return err
	}
	unlimited := func() int64 { return 1 << 40 }
	turn := sections.NewTurn(unlimited)
	for more := true; more; more = o.ram.Pending() > 0 {
		if err := o.ended(); err != nil {
			return err
		}
		if err := s.live.Iterate(s.Saver, false, turn); err != nil {
			return err
		}
		if err := s.w.Flush(); err != nil {
			return err
		}
		o.accountRunning(s.w.Offset())
	}
	for _, l := range s.live {
		if _, still := l.Source.(*savevm.Kept); !still {
			continue
		}
		if err := s.End(l); err != nil {
			return err
		}
	}
	s.w.Write(devices)
	err = s.Finish(machine.Description())
	o.accountRunning(s.w.Offset())
	return err
}

// saveDevices writes the FULL sections.
func saveDevices(s *savevm.Saver, q *settings.Quirks, machine guest.Machine) error {
	for _, d := range machine.Devices() {
		if q.LeavesOut(d) {
			continue
		}
		if err := s.Device(d); err != nil {
			return err
		}
	}
	return nil
}

// wentOn says that the VM goes on here.
func (o *outgoing) wentOn(now time.Time) {
	o.stages.checkpoint("src-downtime-end")
	o.mu.Lock()
	o.progress.handed = now
	o.mu.Unlock()
}

// accountRunning is account for a VM that goes on here.
func (o *outgoing) accountRunning(offset int64) {
	o.mu.Lock()
	o.progress.precopied += offset - o.progress.transferred
	o.progress.transferred = offset
	o.mu.Unlock()
}
