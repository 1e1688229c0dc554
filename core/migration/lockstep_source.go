package migration

import (
	"bytes"
	"context"
	"time"

	"qmpmigrate/core/colo"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// primary is a source whose VM goes on here, and whose destination follows it
// from checkpoint to checkpoint.
type primary struct {
	*outgoing
	s        *sending
	machine  guest.Machine
	talk     *colo.Talk
	failover *colo.Failover
	link     context.Context // ends where the other end is given up, and with the migration
	goesOn   bool            // the VM does; before that its switchover is not undone
	delays   uint64          // how often x-checkpoint-delay had been set

	blob    bytes.Buffer // the state of the devices at one checkpoint
	devices *stream.Writer
}

// leadLockstep begins once the destination has all of a precopy. It returns when
// the VM is this machine's alone (errIndependent), or the migration is cancelled.
func (o *outgoing) leadLockstep(s *sending, machine guest.Machine) error {
	o.unthrottle()
	p := &primary{outgoing: o, s: s, machine: machine, talk: o.m.points.colo.saying(colo.NewTalk(stream.NewReader(s.conn), s.w)),
		failover: o.m.beginLockstep(), delays: o.m.settings.CheckpointDelays()}
	p.devices = stream.NewWriter(&p.blob)
	var giveUp context.CancelCauseFunc
	p.link, giveUp = context.WithCancelCause(o.ctx)
	defer giveUp(nil)
	o.onYank(giveUp)
	if !o.advance(states.SourceCOLO) {
		return errCancelled
	}
	return p.leave(p.lead())
}

// lead takes checkpoints until the other end is lost, or given up.
func (p *primary) lead() error {
	if err := p.talk.Expect(wire.COLOCheckpointReady); err != nil {
		return err
	}
	p.mu.Lock()
	p.progress.handed = time.Now() // the end of the downtime
	p.mu.Unlock()
	p.goesOn, p.halted = true, false
	p.m.host.SwitchoverUndone(func() {})
	p.m.points.colo.runs()
	next := time.Now().Add(p.m.settings.CheckpointDelay())
	for {
		if err := p.await(next); err != nil {
			return err
		}
		next = time.Now().Add(p.m.settings.CheckpointDelay())
		if err := p.checkpoint(); err != nil {
			return err
		}
	}
}

// await waits until the next checkpoint is due: to set its delay makes it so at once.
func (p *primary) await(next time.Time) error {
	timer := time.NewTimer(time.Until(next))
	defer timer.Stop()
	for {
		changed := p.m.settings.Changed()
		if n := p.m.settings.CheckpointDelays(); n != p.delays {
			p.delays = n
			return nil
		}
		select {
		case <-timer.C:
			return nil
		case <-changed:
		case <-p.failover.Requested():
			return errFailover
		case <-p.link.Done():
			return context.Cause(p.link)
		}
	}
}

// checkpoint brings the secondary to where the VM is now. After an error the VM
// may stand.
func (p *primary) checkpoint() error {
	if err := p.talk.Send(wire.COLOCheckpointRequest); err != nil {
		return err
	}
	if err := p.talk.Expect(wire.COLOCheckpointReply); err != nil {
		return err
	}
	if p.failover.Asked() {
		return errFailover
	}
	p.m.host.StopForCheckpoint()
	p.m.points.colo.stops()
	if err := p.talk.Send(wire.COLOVMStateSend); err != nil {
		return err
	}
	if err := p.send(); err != nil {
		return err
	}
	if err := p.talk.Expect(wire.COLOVMStateReceived); err != nil {
		return err
	}
	if err := p.talk.Expect(wire.COLOVMStateLoaded); err != nil {
		return err
	}
	if err := p.m.host.CheckpointDone(); err != nil {
		return err
	}
	p.m.points.colo.runs()
	return nil
}

// send sends what was written since the last checkpoint, and the devices.
func (p *primary) send() error {
	if p.s.quirks.SendSwitchoverStart {
		p.s.Command(wire.CmdSwitchoverStart, nil)
	}
	p.s.live.Sync(time.Now())
	p.m.passEvent(p.stats.Syncs.Load())
	if err := p.s.live.Complete(p.s.Saver, false); err != nil {
		return err
	}
	p.s.EOF()
	p.blob.Reset()
	p.devices.Reset(&p.blob)
	if err := p.s.Devices(p.devices, p.present()); err != nil {
		return err
	}
	if err := p.talk.SendValue(wire.COLOVMStateSize, uint64(p.blob.Len())); err != nil {
		return err
	}
	p.s.w.Ref(p.blob.Bytes())
	err := p.s.w.Flush()
	p.account(p.written(p.s))
	return err
}

// present are the devices that are in the stream.
func (p *primary) present() (list []savevm.Device) {
	for _, d := range p.machine.Devices() {
		if !p.s.quirks.LeavesOut(d) {
			list = append(list, d)
		}
	}
	return list
}

// exit tells that there will be no more checkpoints.
func (p *primary) exit(reason qapi.COLOExitReason) { p.m.coloExit(qapi.COLOModePrimary, reason) }
