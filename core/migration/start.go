package migration

import (
	"cmp"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/sections"
	"qmpmigrate/core/migration/settings"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/savevm"
	"qmpmigrate/qapi"
)

// Start is migrate: it begins to migrate, and returns at once. What is wrong
// with the arguments leaves everything as it was; what cannot be opened leaves
// a failed migration.
func (m *Migration) Start(args *qapi.MigrateArgs, files links.Files) error {
	return m.StartWith(settings.DiskMode{}, args, files)
}

// StartWith is Start of a VM with its disks.
func (m *Migration) StartWith(disks settings.DiskMode, args *qapi.MigrateArgs, files links.Files) error {
	m.commands.Lock()
	defer m.commands.Unlock()
	resume := args.Resume != nil && *args.Resume
	addr, err := links.Outgoing(args.URI, args.Channels)
	if err == nil {
		err = m.settings.Suits(addr)
	}
	if err == nil {
		err = m.prepare(resume)
	}
	if err == nil && resume {
		err = m.resume(addr, files)
	} else if err == nil {
		if disks, err = m.settings.Disks(disks); err == nil {
			err = m.begin(addr, files, disks)
		}
	}
	if err != nil {
		return qapi.AsError(err)
	}
	return nil
}

// prepare says why no migration can begin now, in QEMU's order.
func (m *Migration) prepare(resume bool) error {
	status := m.status()
	switch {
	case resume && status != qapi.MigrationStatusPostcopyPaused:
		return qapi.Errorf("Cannot resume if there is no paused migration")
	case resume && m.settings.Enabled(qapi.MigrationCapabilityReleaseRAM):
		return qapi.Errorf("Postcopy recovery cannot work when release-ram capability is set")
	case resume:
		return nil
	case states.Running(status), m.arriving(), m.follows():
		return errInProgress()
	}
	switch m.host.RunState() {
	case qapi.RunStateInmigrate:
		return qapi.Errorf("Guest is waiting for an incoming migration")
	case qapi.RunStatePostmigrate:
		return qapi.Errorf("Can't migrate the vm that was paused due to previous migration")
	}
	if err := m.Blocked(); err != nil {
		return err
	}
	if err := m.settings.StartConflict(); err != nil {
		return err
	}
	if err := cmp.Or(m.lacks(), m.planned(), m.lockstepConflict()); err != nil {
		return err
	}
	return m.host.Guest().Loaded()
}

// planned asks the sections whether they can be migrated as the options say.
func (m *Migration) planned() error {
	plan := savevm.Plan{
		Postcopy:      m.settings.Enabled(qapi.MigrationCapabilityPostcopyRAM),
		SwitchoverAck: m.settings.Enabled(qapi.MigrationCapabilitySwitchoverAck),
		Background:    m.settings.Snapshots(),
	}
	for _, l := range sections.Devices(m.host.Guest()) {
		if s, ok := l.Source.(savevm.Preparing); ok {
			if err := s.Prepare(plan); err != nil {
				return err
			}
		}
	}
	return nil
}

// begin makes the migration that was prepared. Sockets connect while it is
// under way; everything else is opened here, so that the command can tell.
func (m *Migration) begin(addr channels.Address, files links.Files, disks settings.DiskMode) error {
	addr.File.Sets = files.Sets
	o, err := m.newOutgoing(addr)
	if err != nil {
		return err
	}
	o.disks = disks
	m.mu.Lock()
	m.out = o
	m.mu.Unlock()
	o.advance(states.SourceStart)
	var conn channels.Conn
	if !addr.Connects() {
		conn, err = m.links.Open(addr, files)
	} else {
		err = m.links.Ready(addr)
	}
	if err != nil {
		o.release()
		o.fail(err)
		close(o.done)
		return err
	}
	if conn != nil {
		o.connected(conn)
	}
	m.outgoing.Go(func() { o.run(conn) })
	return nil
}
