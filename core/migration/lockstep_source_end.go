package migration

import (
	"time"

	"qmpmigrate/core/migration/states"
	"qmpmigrate/qapi"
)

// leave ends a lock step that err ended. As in QEMU an error alone leaves the VM
// as it is: whether this end goes on or the other is for others to say.
func (p *primary) leave(err error) error {
	failed := !p.failover.Asked()
	if failed {
		p.exit(qapi.COLOExitReasonError)
		if p.ended() == nil {
			p.m.host.Report(err.Error())
			select {
			case <-p.failover.Requested():
			case <-p.ctx.Done():
			}
		}
	}
	if !p.failover.Asked() {
		p.giveBack(func() {})
		return errCancelled
	}
	p.failover.Begin()
	p.m.was(qapi.COLOModePrimary)
	p.m.host.StopForCheckpoint()
	if conn := p.channel(); conn != nil {
		conn.Shutdown()
	}
	p.release() // the next migration may begin with the step
	done := false
	p.giveBack(func() {
		p.m.steps.Lock()
		done = p.step(states.SourceSaved, func() { p.progress.end(time.Now()) })
		p.failover.Done()
		p.m.steps.Unlock()
		if !failed {
			p.exit(qapi.COLOExitReasonRequest)
		}
	})
	if !done {
		return errCancelled
	}
	return errIndependent
}

// giveBack lets the VM go on here.
func (p *primary) giveBack(tell func()) {
	if !p.goesOn {
		p.halted = false
		p.m.host.SwitchoverUndone(tell)
		return
	}
	if err := p.m.host.LockstepOver(tell); err != nil {
		p.m.host.Report(err.Error())
	}
}
