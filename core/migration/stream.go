package migration

import (
	"io"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/rate"
	"qmpmigrate/core/migration/sections"
	"qmpmigrate/core/migration/settings"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// sending is what the parts of one stream share.
type sending struct {
	*savevm.Saver
	w        *stream.Writer
	conn     channels.Conn
	quirks   settings.Quirks
	pace     rate.Pace
	wondered bool // a turn went out to see what it takes
	asks     bool // the destination is one of our own
	live     sections.List
}

// firstPing is the value of the only PING of a precopy.
const firstPing = 1

// newSending begins the stream of a machine of a type.
func (o *outgoing) newSending(to io.Writer, machine string) *sending {
	s := &sending{w: stream.NewWriter(to), quirks: o.m.settings.Quirks(machine)}
	s.Saver = savevm.NewSaver(s.w)
	s.Format = s.quirks.Format()
	s.TraceTo(o.m.host.Trace())
	return s
}

// stream writes the whole stream, stopping the VM on the way.
func (o *outgoing) stream(conn channels.Conn) (err error) {
	machine := o.m.host.Guest()
	conf := *machine.Configuration()
	s := o.newSending(conn, conf.Machine)
	s.conn = conn
	s.Timed = o.stages.device
	if text := s.quirks.Warning(); text != "" {
		o.m.host.Report(text)
	}
	o.unplug(machine)
	pages := o.m.settings.RAM()
	pages.Still = o.still
	lanes, done, err := o.openLanes(s, &pages)
	if err != nil {
		return err
	}
	if lanes != nil {
		o.laned(&pages, s, lanes)
	}
	defer func() { err = done(err) }()
	o.reaching(conn, &pages)
	o.ram = ram.NewSaver(machine.Blocks(), &o.stats, pages)
	o.ram.TraceTo(o.m.host.Trace())
	s.live = o.outgoingSections(machine)
	s.asks = o.estimates(machine)
	defer o.m.points.over.Tell()
	defer s.live.Close()
	o.throttle.Start(time.Now())
	defer o.unthrottle()
	o.mu.Lock()
	o.progress.total = o.ram.Total()
	o.mu.Unlock()
	if err := o.setUp(s, &conf); err != nil {
		return err
	}
	o.iterating(time.Now())
	return o.carry(s, machine)
}

// setUp writes what comes before the first page.
func (o *outgoing) setUp(s *sending, conf *savevm.Configuration) error {
	o.m.configure(conf)
	s.Begin(conf)
	if o.replies != nil {
		s.Command(wire.CmdOpenReturnPath, nil)
		s.ping(firstPing)
	}
	o.advise(s)
	if err := o.enableCOLO(s); err != nil {
		return err
	}
	if err := s.live.Start(s.Saver, time.Now()); err != nil {
		return err
	}
	err := s.w.Flush()
	// A channel that broke is told of after the setup is over, as in QEMU.
	if pass := o.stats.Syncs.Load(); pass > 0 {
		o.m.passEvent(pass)
	}
	if gone := o.unplugged(s); gone != nil {
		return gone
	}
	if !o.advance(states.SourceSetupDone) {
		return errCancelled
	}
	o.m.points.setupDone.Tell()
	return err
}

// carry is all that comes behind the setup, in the way that this migration goes.
func (o *outgoing) carry(s *sending, machine guest.Machine) error {
	if o.still {
		return o.snapshot(s, machine)
	}
	if err := o.precopy(s); err != nil {
		return err
	}
	if o.mayPostcopy() {
		return o.postcopy(s, machine)
	}
	if err := o.complete(s, machine); err != nil || !o.colo {
		return err
	}
	return o.leadLockstep(s, machine)
}

// sentPages counts as QEMU does: pages that xbzrle made longer are there twice.
func (o *outgoing) sentPages() uint64 {
	return o.stats.Normal.Load() + o.stats.Zero.Load() + o.stats.XBZRLE.Pages.Load()
}
