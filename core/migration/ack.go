package migration

import (
	"time"

	"qmpmigrate/core/migration/rate"
	"qmpmigrate/qapi"
)

// maySwitch says whether the VM may be stopped. One that is stopped already
// does not wait for anything.
func (o *outgoing) maySwitch() bool {
	if !o.m.settings.Enabled(qapi.MigrationCapabilitySwitchoverAck) || o.m.host.RunState() != qapi.RunStateRunning {
		return true
	}
	select {
	case <-o.ready():
		return true
	default:
		return false
	}
}

// unready is ready for one who waits: no channel where the destination is ready.
func (o *outgoing) unready() <-chan struct{} {
	if o.maySwitch() {
		return nil
	}
	return o.ready()
}

// ready gives a channel that is closed when the destination is ready.
func (o *outgoing) ready() <-chan struct{} {
	if o.replies == nil {
		return nil
	}
	return o.replies.acked
}

// await lets the time go by in which there is nothing to do but wait for the
// destination; what the VM writes meanwhile is sent once in each round.
func (o *outgoing) await() error {
	if o.replies != nil && o.replies.mute {
		return o.replies.err
	}
	select {
	case <-o.unready():
	case <-o.ctx.Done():
	case <-o.m.settings.Changed():
	case <-time.After(rate.WindowLength):
	}
	return nil
}
