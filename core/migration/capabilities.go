package migration

import (
	"maps"

	"qmpmigrate/qapi"
)

// supported are the capabilities that this build carries out. The others are
// known, and refused by name.
func supported(c qapi.MigrationCapability) bool {
	return c == qapi.MigrationCapabilityEvents
}

// setCapabilities takes all of list over, or nothing.
func (o *options) setCapabilities(list []qapi.MigrationCapabilityStatus) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	merged := maps.Clone(o.capabilities)
	for _, c := range list {
		merged[c.Capability] = c.State
	}
	for _, c := range qapi.MigrationCapabilityValues() {
		if merged[c] && !supported(c) {
			return qapi.Errorf("capability '%s' is not supported yet by this build", c)
		}
	}
	o.capabilities = merged
	return nil
}

// listCapabilities gives all capabilities in the order of the schema.
func (o *options) listCapabilities() []qapi.MigrationCapabilityStatus {
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []qapi.MigrationCapabilityStatus
	for _, c := range qapi.MigrationCapabilityValues() {
		list = append(list, qapi.MigrationCapabilityStatus{Capability: c, State: o.capabilities[c]})
	}
	return list
}
