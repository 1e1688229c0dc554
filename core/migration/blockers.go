package migration

import "qmpmigrate/qapi"

// OnlyMigratable makes every later blocker an error, as -only-migratable does.
func (m *Migration) OnlyMigratable() { m.blockers.Refuse() }

// Block keeps the machine from being migrated, for a reason that migrate
// tells, until unblock is called.
func (m *Migration) Block(reason string) (unblock func(), err error) {
	return m.blockers.Add(reason, m.busy() || m.host.RunState() == qapi.RunStateSaveVM)
}

// BlockDevice keeps the machine from being migrated because it has a device
// whose state cannot be sent. idstr names it in the stream, kind is its type.
func (m *Migration) BlockDevice(idstr, kind string) error { return m.blockers.AddDevice(idstr, kind) }

// Blocked says why the machine cannot be migrated, nor a snapshot made of it.
func (m *Migration) Blocked() error { return m.blockers.Err() }
