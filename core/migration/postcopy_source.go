package migration

import (
	"encoding/binary"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// Values of the PINGs in postcopy. Nobody waits for them one by one: the package is
// loaded beside the stream, so their answers come in any order.
const (
	pingDiscarded = 2 // the destination knows what it lacks
	pingDevices   = 3 // it has loaded the devices
	pingPackage   = 4 // it has taken the package in
)

func (s *sending) ping(value uint32) {
	s.Command(wire.CmdPing, binary.BigEndian.AppendUint32(nil, value))
}

// advise tells the destination before the setup that postcopy may come.
func (o *outgoing) advise(s *sending) {
	switch {
	case o.ramFollows():
		s.Command(wire.CmdPostcopyAdvise, wire.AppendAdvise(nil, o.ram.HostPages(), memory.PageSize))
	case o.postcopies():
		s.Command(wire.CmdPostcopyAdvise, nil)
	}
}

// mayPostcopy says whether the VM shall go on at its destination now.
func (o *outgoing) mayPostcopy() bool {
	return o.postcopyAsked.Load() && o.postcopies() && o.maySwitch()
}

// postcopy lets the VM go on at its destination, which gets afterwards what it lacks.
func (o *outgoing) postcopy(s *sending, machine guest.Machine) error {
	if o.replies != nil && o.replies.mute {
		return o.replies.err
	}
	// The wait for another channel is none of the VM's.
	if err := o.preempt(s); err != nil {
		return err
	}
	o.m.points.postcopy.Tell()
	o.m.points.runs.Tell()
	o.ram.Look()
	if err := o.halt(s); err != nil {
		return err
	}
	if err := s.live.Complete(s.Saver, true); err != nil {
		return err
	}
	if o.bitmaps != nil {
		o.bitmaps.Follow()
	}
	if err := o.m.host.ReleaseDisks(); err != nil {
		return err
	}
	if o.ramFollows() {
		o.ram.Discards(func(payload []byte) { s.Command(wire.CmdPostcopyRAMDiscard, payload) })
		s.ping(pingDiscarded)
		o.pages.Store(o.ram)
	}
	pack, err := s.Package(func(p *savevm.Saver) error {
		p.Command(wire.CmdPostcopyListen, nil)
		for _, d := range machine.Devices() {
			if s.quirks.LeavesOut(d) {
				continue
			}
			if err := p.Device(d); err != nil {
				return err
			}
		}
		if o.ramFollows() {
			p.Command(wire.CmdPing, binary.BigEndian.AppendUint32(nil, pingDevices))
		}
		p.Command(wire.CmdPostcopyRun, nil)
		return nil
	})
	if err != nil {
		return err
	}
	if err := o.handOver(s, pack); err != nil {
		return err
	}
	return o.persist(s)
}

// handOver sends the package. Its last element, RUN, lets the VM go on at the
// destination, which takes the package in as a whole first: until all of that
// element is written the VM is still this machine's.
func (o *outgoing) handOver(s *sending, pack []byte) error {
	last := len(pack) - len(wire.AppendCommand(nil, wire.CmdPostcopyRun, nil))
	s.Command(wire.CmdPackaged, binary.BigEndian.AppendUint32(nil, uint32(len(pack))))
	s.w.Write(pack[:last])
	if err := s.w.Flush(); err != nil {
		return err
	}
	if err := o.commit(); err != nil {
		return err
	}
	s.w.Write(pack[last:])
	if err := s.w.Flush(); err != nil {
		o.revoke()
		return err
	}
	o.account(o.written(s))
	o.advanceWith(states.SourcePostcopy, func() { o.progress.handed = time.Now() })
	o.stages.passed(partPackage, "src-downtime-end")
	if o.ramFollows() {
		s.ping(pingPackage)
		o.ram.ReleaseSent(s.w)
	}
	return nil
}

// commit begins the moment in which the VM is handed over: from now on the
// migration cannot be cancelled, and a channel that breaks does not end it.
func (o *outgoing) commit() error {
	o.m.steps.Lock()
	defer o.m.steps.Unlock()
	if err := o.ended(); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.status != qapi.MigrationStatusDevice {
		return errCancelled
	}
	o.handed = true
	return nil
}

// revoke takes back what commit began.
func (o *outgoing) revoke() {
	o.mu.Lock()
	o.handed = false
	o.mu.Unlock()
}

// gone says whether the VM is its destination's, or about to be.
func (o *outgoing) gone() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.handed
}

// Followed says whether the last VM that left was its destination's before all
// of its memory was: that at this end is worth nothing any more.
func (m *Migration) Followed() bool {
	out, _ := m.current()
	return out != nil && out.gone()
}

// lost is told by the return path of conn that it broke with err. The next link may be there already. That has its
// whole effect before the VM is handed over, or after: a migration that ends then could not be recovered.
func (o *outgoing) lost(conn channels.Conn, err error) {
	o.m.steps.Lock()
	defer o.m.steps.Unlock()
	if o.gone() {
		conn.Shutdown()
		return
	}
	o.cancel(err)
}
