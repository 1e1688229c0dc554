package migration

import (
	"maps"

	"qmpmigrate/qapi"
)

// capabilities are those that are on.
type capabilities map[qapi.MigrationCapability]bool

// supported are the capabilities that this build carries out. The others are
// known, and refused by name.
func supported(c qapi.MigrationCapability) bool {
	switch c {
	case qapi.MigrationCapabilityEvents,
		qapi.MigrationCapabilityAutoConverge,
		qapi.MigrationCapabilityDirtyLimit,
		qapi.MigrationCapabilityPauseBeforeSwitchover,
		qapi.MigrationCapabilityReturnPath,
		qapi.MigrationCapabilityPostcopyRAM,
		qapi.MigrationCapabilityPostcopyBlocktime,
		qapi.MigrationCapabilityPostcopyPreempt,
		qapi.MigrationCapabilitySwitchoverAck,
		qapi.MigrationCapabilityMultifd,
		qapi.MigrationCapabilityZeroCopySend,
		qapi.MigrationCapabilityXIgnoreShared,
		qapi.MigrationCapabilityValidateUUID,
		qapi.MigrationCapabilityXBZRLE,
		qapi.MigrationCapabilityMappedRAM,
		qapi.MigrationCapabilityDirtyBitmaps,
		qapi.MigrationCapabilityXCOLO,
		qapi.MigrationCapabilityBackgroundSnapshot,
		// Memory that was sent is released in postcopy only.
		qapi.MigrationCapabilityReleaseRAM,
		// It is about disks that migrate.
		qapi.MigrationCapabilityZeroBlocks,
		// These have no effect in QEMU either: block devices are always
		// activated late, and there is no RDMA.
		qapi.MigrationCapabilityLateBlockActivate,
		qapi.MigrationCapabilityRDMAPinAll:
		return true
	}
	return false
}

// SetCapabilities switches capabilities, all of the list or none.
func (m *Migration) SetCapabilities(list []qapi.MigrationCapabilityStatus) error {
	m.commands.Lock()
	defer m.commands.Unlock()
	if m.busy() {
		return errInProgress()
	}
	o := m.options
	o.mu.Lock()
	defer o.mu.Unlock()
	merged := maps.Clone(o.capabilities)
	for _, c := range list {
		merged[c.Capability] = c.State
	}
	if err := m.checkCapabilities(o.capabilities, merged, &o.parameters); err != nil {
		return err
	}
	o.capabilities = merged
	return nil
}

// checkCapabilities says what is wrong with a set that is to replace old.
func (m *Migration) checkCapabilities(old, set capabilities, p *qapi.MigrationParameters) error {
	if set[qapi.MigrationCapabilityZeroBlocks] {
		m.host.Report("warning: zero-blocks capability is deprecated")
	}
	_, in := m.current()
	c := capabilityCheck{old: old, set: set, parameters: p, compress: m.options.compress.on, listening: in != nil && in.listens(),
		ring: m.host.DirtyRings() != nil}
	if err := c.check(); err != nil {
		return err
	}
	for _, c := range qapi.MigrationCapabilityValues() {
		if set[c] && !supported(c) {
			return qapi.Errorf("capability '%s' is not supported yet by this build", c)
		}
	}
	return nil
}

// Capabilities lists all capabilities in the schema's order.
func (m *Migration) Capabilities() []qapi.MigrationCapabilityStatus {
	o := m.options
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []qapi.MigrationCapabilityStatus
	for _, c := range qapi.MigrationCapabilityValues() {
		list = append(list, qapi.MigrationCapabilityStatus{Capability: c, State: o.capabilities[c]})
	}
	return list
}
