package migration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/answers"
	"qmpmigrate/core/migration/sections"
	"qmpmigrate/core/migration/settings"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// Alone lets do have the VM while no migration begins. busy is the error of one
// that is under way.
func (m *Migration) Alone(do func(busy error) error) error {
	m.commands.Lock()
	defer m.commands.Unlock()
	_, in := m.current()
	arriving := false
	if in != nil {
		status, _ := in.state()
		arriving = states.Running(status)
	}
	if m.busy() || arriving {
		return do(errInProgress())
	}
	return do(nil)
}

// Store writes the VM, which is stopped, to w as one stream, with nobody at its
// other end; for the status and the counters it is a migration. It is called
// within Alone.
func (m *Migration) Store(w io.Writer) error {
	if disks, err := m.settings.Disks(settings.DiskMode{}); err != nil {
		return err
	} else if disks.On() {
		return errors.New("Block migration and snapshots are incompatible")
	}
	o, err := m.newOutgoing(channels.Address{})
	if err != nil {
		return err
	}
	defer o.cancel(nil)
	defer close(o.done)
	o.still = true
	m.mu.Lock()
	m.out = o
	m.mu.Unlock()
	o.advance(states.SourceStart)
	err = o.store(w)
	o.release()
	if err != nil {
		o.fail(err)
		return err
	}
	o.advanceWith(states.SourceStored, func() { o.progress.end(time.Now()) })
	return nil
}

// store writes the stream. What capabilities say of RAM does not count: whoever
// loads it may have set others.
func (o *outgoing) store(w io.Writer) error {
	machine := o.m.host.Guest()
	conf := *machine.Configuration()
	s := o.newSending(w, conf.Machine)
	// The VM does not run: nothing is logged.
	o.ram = ram.NewSaver(machine.Blocks(), &o.stats, ram.Options{Still: true})
	o.ram.TraceTo(o.m.host.Trace())
	s.live = sections.List{{IDStr: "ram", Version: wire.RAMVersion, Source: o.ram}}
	for _, l := range sections.Devices(machine) {
		if p, ok := l.Source.(savevm.Preparing); ok {
			if err := p.Prepare(savevm.Plan{}); err != nil {
				return err
			}
		}
		s.live = append(s.live, &l)
	}
	defer s.live.Close()
	o.mu.Lock()
	o.progress.total = o.ram.Total()
	o.mu.Unlock()
	o.m.configure(&conf)
	conf.Capabilities = nil
	s.Begin(&conf)
	if err := s.live.Start(s.Saver, time.Now()); err != nil {
		return err
	}
	o.pass(1)
	turn := sections.NewTurn(func() int64 { return 1 << 40 })
	for s.live.Sendable() > 0 && s.w.Err() == nil {
		if err := s.live.Iterate(s.Saver, false, turn); err != nil {
			return err
		}
	}
	if s.quirks.SendSwitchoverStart {
		s.Command(wire.CmdSwitchoverStart, nil)
	}
	o.pass(2)
	if err := s.live.Complete(s.Saver, false); err != nil {
		return err
	}
	if err := saveDevices(s.Saver, &s.quirks, machine); err != nil {
		return err
	}
	err := s.Finish(machine.Description())
	o.mu.Lock()
	o.progress.transferred = s.w.Offset()
	o.mu.Unlock()
	return err
}

// pass tells of the passes that a QEMU counts though nothing changes in between.
func (o *outgoing) pass(n uint64) {
	o.stats.Syncs.Store(n)
	o.m.passEvent(n)
}

// Restore loads a stream that Store wrote, or a QEMU, into machine, which does not
// run. It is called within Alone.
func (m *Migration) Restore(machine guest.Machine, from io.Reader) error {
	options := m.settings.RAM()
	pages := ram.NewLoader(machine, &ram.Stats{}, ram.Options{DecompressThreads: options.DecompressThreads})
	defer pages.Close()
	pages.TraceTo(m.host.Trace())
	live := append([]savevm.Live{{IDStr: "ram", Version: wire.RAMVersion, Target: pages}}, sections.Devices(machine)...)
	ctx, giveUp := context.WithCancel(context.Background())
	defer giveUp()
	devices, err := answers.NewDevices(ctx, live, nil, m.host.Trace())
	if err != nil {
		return err
	}
	defer devices.Cleanup()
	quirks := m.settings.Quirks(machine.Configuration().Machine)
	switched := false
	l := &savevm.Loader{
		Target: stored{target{machine, m}},
		Format: quirks.Format(),
		Live:   live,
		Command: func(code wire.CommandCode, _ []byte) error {
			if code == wire.CmdSwitchoverStart {
				switched = true
				return devices.Switchover()
			}
			return fmt.Errorf("command %s in the state of a snapshot", code)
		},
	}
	l.TraceTo(m.host.Trace())
	if err := l.Load(stream.NewReader(from)); err != nil {
		return err
	}
	if err := machine.Loaded(); err != nil {
		return err
	}
	if _, ok := machine.(guest.Replaceable); ok { // until now nobody knew of what type it is
		m.settings.Adopted(machine.Configuration().Machine, !switched)
	}
	return nil
}

// stored is a machine that is loaded from a snapshot.
type stored struct{ target }

// Configure refuses what only a migration that was set up for it can read.
func (t stored) Configure(c *savevm.Configuration) error {
	if len(c.Capabilities) > 0 {
		if _, ok := qapi.ParseMigrationCapability(c.Capabilities[0]); !ok {
			return fmt.Errorf("Received unknown capability %s", c.Capabilities[0])
		}
		return fmt.Errorf("Capability %s is off, but received capability is on", c.Capabilities[0])
	}
	if err := t.m.sameUUID(c); err != nil {
		return err
	}
	return t.Machine.Configure(c)
}
