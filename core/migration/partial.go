package migration

import (
	"qmpmigrate/core/guest"
	"qmpmigrate/core/ram"
	"qmpmigrate/qapi"
)

// missing tells a machine of the blocks that came without their memory, as the
// source was asked to leave it where it is.
func (in *incoming) missing(machine guest.Machine, pages *ram.Loader) {
	if p, ok := machine.(guest.Partial); ok && in.m.settings.Enabled(qapi.MigrationCapabilityXIgnoreShared) {
		p.Lack(pages.Missing())
	}
}

// lacks says that memory cannot be sent because it is not here.
func (m *Migration) lacks() error {
	p, ok := m.host.Guest().(guest.Partial)
	if !ok || m.settings.Enabled(qapi.MigrationCapabilityXIgnoreShared) {
		return nil
	}
	if name := p.Lacks(); name != "" {
		return qapi.Errorf("The memory of block '%s' is not here: the machine came, and can only go on, with the capability x-ignore-shared", name)
	}
	return nil
}
