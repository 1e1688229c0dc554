package migration

import (
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// complete stops the VM and sends what is left of it.
func (o *outgoing) complete(w *stream.Writer, s *savevm.Saver, id uint32, machine guest.Machine) error {
	o.stopped(time.Now(), w.Offset())
	o.m.host.StopForSwitchover()
	if !o.advance(stepStopped) {
		return errCancelled
	}
	o.sync()
	if sendsSwitchoverStart(machine.Configuration().Machine) {
		s.Command(wire.CmdSwitchoverStart, nil)
	}
	s.End(id, func() { o.ram.Complete(w) })
	for _, d := range machine.Devices() {
		if err := s.Device(d); err != nil {
			return err
		}
	}
	if err := s.Finish(machine.Description()); err != nil {
		return err
	}
	err := w.Flush()
	o.account(w.Offset())
	return err
}
