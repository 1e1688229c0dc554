package migration

import (
	"context"
	"errors"
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/states"
)

// unplugTime is how long a migration that was cancelled waits for a guest that
// was asked to let go of a device: only then can it have it back.
const unplugTime = 30 * time.Second

// unplug asks the guest to let go of what cannot move.
func (o *outgoing) unplug(machine guest.Machine) {
	o.primaries = guest.PrimariesOf(machine)
	for _, p := range o.primaries {
		p.Unplug()
	}
}

// unplugged waits until the guest has let go.
func (o *outgoing) unplugged(s *sending) error {
	pending := o.unplugging()
	if pending == nil {
		return nil
	}
	if !o.advance(states.SourceUnplug) {
		return errCancelled
	}
	for pending != nil {
		select {
		case <-pending:
			pending = o.unplugging()
		case <-o.ctx.Done():
			if !errors.Is(context.Cause(o.ctx), errYanked) {
				o.lingers()
			}
			return o.severed(s)
		}
	}
	return nil
}

// lingers waits for the guest of a migration that was cancelled.
func (o *outgoing) lingers() {
	late := time.After(unplugTime)
	for pending := o.unplugging(); pending != nil; pending = o.unplugging() {
		select {
		case <-pending:
		case <-late:
			o.m.host.Report("warning: migration: partially unplugged device on failure")
			return
		case <-o.m.closing:
			return
		}
	}
}

// unplugging is a channel that is closed when one of the devices is gone, nil when all are.
func (o *outgoing) unplugging() <-chan struct{} {
	for _, p := range o.primaries {
		if pending := p.Unplugging(); pending != nil {
			return pending
		}
	}
	return nil
}

// replug gives the guest back what it let go of.
func (o *outgoing) replug() {
	for _, p := range o.primaries {
		p.Replug()
	}
}
