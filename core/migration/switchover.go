package migration

import (
	"context"
	"errors"
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// halt stops the VM and looks what is left of it.
func (o *outgoing) halt(s *sending) error {
	o.account(o.written(s))
	now := time.Now()
	o.stopped(now)
	o.stages.begin(now, "src-downtime-start")
	o.m.host.StopForSwitchover()
	o.halted = true
	o.stages.passed(partStop, "src-vm-stopped")
	o.m.points.stop.Tell(trace.Int("ret", 0))
	if o.m.settings.Enabled(qapi.MigrationCapabilityPauseBeforeSwitchover) {
		if err := o.pause(s); err != nil {
			return err
		}
		o.stages.passed(partPause, "")
	}
	if !o.advance(states.SourceSwitchover) {
		return errCancelled
	}
	if s.quirks.SendSwitchoverStart {
		s.Command(wire.CmdSwitchoverStart, nil)
	}
	o.sync(s.live)
	return nil
}

// complete stops the VM and sends what is left of it.
func (o *outgoing) complete(s *sending, machine guest.Machine) error {
	if err := o.halt(s); err != nil {
		return err
	}
	if err := s.live.Complete(s.Saver, false); err != nil {
		return err
	}
	o.stages.passed(partRAM, "src-iterable-saved")
	if err := o.m.host.ReleaseDisks(); err != nil {
		return err
	}
	if err := saveDevices(s.Saver, &s.quirks, machine); err != nil {
		return err
	}
	o.stages.passed(partDevices, "src-non-iterable-saved")
	if err := s.Finish(machine.Description()); err != nil {
		return err
	}
	if err := o.offer(); err != nil {
		return err
	}
	err := s.w.Flush()
	o.account(o.written(s))
	o.stages.passed(partTransfer, "")
	err = o.answered(s.conn, err)
	if o.replies != nil {
		o.stages.passed(partConfirm, "")
	}
	return err
}

// pause waits for migrate-continue.
func (o *outgoing) pause(s *sending) error {
	if !o.advance(states.SourcePause) {
		return errCancelled
	}
	select {
	case <-o.proceed:
		return nil
	case <-o.ctx.Done():
		return o.severed(s)
	}
}

// severed says why the migration has ended under a wait. After a yank the channel is dead.
func (o *outgoing) severed(s *sending) error {
	if errors.Is(context.Cause(o.ctx), errYanked) {
		// The channel has its own words for it.
		if _, err := s.conn.Write([]byte{0}); err != nil {
			return err
		}
	}
	return context.Cause(o.ctx)
}

// Continue is migrate-continue. It only wakes a source that pauses before its switchover.
func (m *Migration) Continue(expected qapi.MigrationStatus) error {
	out, _ := m.current()
	if out == nil {
		if expected != qapi.MigrationStatusNone {
			return errUnexpected(qapi.MigrationStatusNone)
		}
		return nil
	}
	// Steps wait, so that a migration which is about to pause is not woken too early.
	m.steps.Lock()
	defer m.steps.Unlock()
	status, _ := out.state()
	if status != expected {
		return errUnexpected(status)
	}
	if status == qapi.MigrationStatusPreSwitchover {
		select {
		case out.proceed <- struct{}{}:
		default:
		}
	}
	return nil
}

func errUnexpected(actual qapi.MigrationStatus) error {
	return qapi.Errorf("Migration not in expected state: %s", actual)
}
