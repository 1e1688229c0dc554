package migration

import (
	"qmpmigrate/core/colo"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// coloPoints are the events of a lock step, at both ends.
type coloPoints struct{ enables, sent, received, vm, failover, flush, flushed *trace.Event }

func newCOLOPoints(t *trace.Set) coloPoints {
	return coloPoints{
		enables:  t.Event(trace.SavevmSendCOLOEnable),
		sent:     t.Event(trace.COLOSendMessage),
		received: t.Event(trace.COLOReceiveMessage),
		vm:       t.Event(trace.COLOVMStateChange),
		failover: t.Event(trace.COLOFailoverSetState),
		flush:    t.Event(trace.COLOFlushBegin),
		flushed:  t.Event(trace.COLOFlushEnd),
	}
}

// stops tells that the VM stands for a checkpoint, runs that it does not any more.
func (p *coloPoints) stops() { p.vm.Tell(trace.Str("old", "run"), trace.Str("new", "stop")) }
func (p *coloPoints) runs()  { p.vm.Tell(trace.Str("old", "stop"), trace.Str("new", "run")) }

// failing makes a failover tell how far it is.
func (p *coloPoints) failing(f *colo.Failover) *colo.Failover {
	f.Told = func(s colo.Status) { p.failover.Tell(trace.Str("new_state", s.String())) }
	return f
}

// saying makes the conversation of a lock step tell what is said.
func (p *coloPoints) saying(t *colo.Talk) *colo.Talk {
	t.Sent = func(m wire.COLOMessage) { tellMessage(p.sent, m) }
	t.Received = func(m wire.COLOMessage) { tellMessage(p.received, m) }
	return t
}

func tellMessage(e *trace.Event, m wire.COLOMessage) {
	if e.On() {
		e.Tell(trace.Str("msg", m.String()))
	}
}
