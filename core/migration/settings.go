package migration

import (
	"qmpmigrate/core/migration/settings"
	"qmpmigrate/qapi"
)

// SetCapabilities switches capabilities, all of the list or none.
func (m *Migration) SetCapabilities(list []qapi.MigrationCapabilityStatus) error {
	m.commands.Lock()
	defer m.commands.Unlock()
	if m.busy() {
		return errInProgress()
	}
	return m.settings.SetCapabilities(list, m.situation())
}

// situation is what the machine is in now.
func (m *Migration) situation() settings.Situation {
	_, in := m.current()
	return settings.Situation{Listening: in != nil && in.listens(), Ring: m.host.DirtyRings() != nil, Report: m.host.Report}
}

// Capabilities lists all capabilities in the schema's order.
func (m *Migration) Capabilities() []qapi.MigrationCapabilityStatus { return m.settings.Capabilities() }

// SetParameters changes parameters, all that are set or none; they act at once.
func (m *Migration) SetParameters(args *qapi.MigrateSetParameters) error {
	return m.settings.SetParameters(args, m.busy())
}

// Parameters gives the value of every parameter.
func (m *Migration) Parameters() *qapi.MigrationParameters { return m.settings.Parameters() }

// SetProperty gives the property name of the object "migration" a value, as
// -global migration.NAME=VALUE does.
func (m *Migration) SetProperty(name, value string) error { return m.settings.SetProperty(name, value) }

// CheckProperties is called once all properties are set.
func (m *Migration) CheckProperties() error { return m.settings.CheckProperties(m.situation()) }

// MachineType applies the values of parameters that came with later machine types.
func (m *Migration) MachineType(name string) { m.settings.MachineType(name) }
