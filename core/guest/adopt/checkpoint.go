package adopt

import "qmpmigrate/core/savevm"

// Checkpoint replaces all device state by what load brings. The description that
// came with the first state is kept as long as it fits.
func (m *Machine) Checkpoint(load func() error) error {
	m.mu.Lock()
	before, byKey := m.devices, m.device
	m.devices, m.device = nil, nil
	m.mu.Unlock()
	err := load()
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err != nil:
		m.devices, m.device = before, byKey
	case m.description != nil && savevm.CheckDescription(m.description, m.devices) != nil:
		// A subsection came or went: the sections stay as they were cut.
		m.description, m.undescribed = nil, true
	}
	return err
}
