package settings

import (
	"maps"

	"qmpmigrate/qapi"
)

// Situation is what a machine is in while its capabilities are set.
type Situation struct {
	// Listening: a socket waits for the source.
	Listening bool
	// Ring: the vCPUs have dirty rings.
	Ring bool
	// Report gets warnings.
	Report func(text string)
}

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
func (s *Settings) SetCapabilities(list []qapi.MigrationCapabilityStatus, now Situation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	merged := maps.Clone(s.capabilities)
	for _, c := range list {
		merged[c.Capability] = c.State
	}
	if err := s.checkCapabilities(s.capabilities, merged, now); err != nil {
		return err
	}
	s.capabilities = merged
	return nil
}

// checkCapabilities says what is wrong with a set that is to replace old. Callers hold mu.
func (s *Settings) checkCapabilities(old, set capabilities, now Situation) error {
	if set[qapi.MigrationCapabilityZeroBlocks] {
		now.Report("warning: zero-blocks capability is deprecated")
	}
	c := capabilityCheck{old: old, set: set, parameters: &s.parameters, compress: s.compress.on, now: now}
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
func (s *Settings) Capabilities() []qapi.MigrationCapabilityStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []qapi.MigrationCapabilityStatus
	for _, c := range qapi.MigrationCapabilityValues() {
		list = append(list, qapi.MigrationCapabilityStatus{Capability: c, State: s.capabilities[c]})
	}
	return list
}
