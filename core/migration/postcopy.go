package migration

import "qmpmigrate/qapi"

// StartPostcopy is migrate-start-postcopy: the VM goes on at its destination
// as soon as it can. After the end of a migration it does nothing, since whoever calls
// cannot know.
func (m *Migration) StartPostcopy() error {
	out, _ := m.current()
	o := m.settings
	switch {
	case !o.Enabled(qapi.MigrationCapabilityPostcopyRAM) && !o.Enabled(qapi.MigrationCapabilityDirtyBitmaps):
		return qapi.Errorf("Enable postcopy with migrate_set_capability before the start of migration")
	case out == nil:
		return qapi.Errorf("Postcopy must be started after migration has been started")
	}
	out.postcopyAsked.Store(true)
	return nil
}

// Pause is migrate-pause: it cuts the link of a postcopy, which can be made anew.
func (m *Migration) Pause() error {
	out, in := m.current()
	if out != nil && out.cutLink() {
		return nil
	}
	if in != nil && in.alive() {
		in.cut()
		return nil
	}
	return qapi.Errorf("migrate-pause is currently only supported during postcopy-active or postcopy-recover state")
}
