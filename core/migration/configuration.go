package migration

import (
	"errors"
	"fmt"
	"slices"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
	"qmpmigrate/qapi"
)

// validated are the capabilities that both ends must agree about, in the order of the schema.
func validated() []qapi.MigrationCapability {
	return []qapi.MigrationCapability{qapi.MigrationCapabilityXIgnoreShared, qapi.MigrationCapabilityMappedRAM}
}

// configure adds to a machine's configuration what its migration has to say.
func (m *Migration) configure(c *savevm.Configuration) {
	c.Capabilities = nil
	for _, name := range validated() {
		if m.settings.Enabled(name) {
			c.Capabilities = append(c.Capabilities, string(name))
		}
	}
	// A machine that came from elsewhere keeps what it came with.
	if c.UUID == nil && m.settings.Enabled(qapi.MigrationCapabilityValidateUUID) {
		c.UUID = m.host.UUID()
	}
}

// target is a machine that compares configurations before it is loaded.
type target struct {
	guest.Machine
	m *Migration
}

// Keep is savevm.Keeper's, of machines that are one.
func (t target) Keep(idstr string, instance, version uint32) *savevm.Kept {
	if k, ok := t.Machine.(savevm.Keeper); ok {
		return k.Keep(idstr, instance, version)
	}
	return nil
}

// Configure compares in QEMU's order: the capability's names, UUIDs, the
// machine, and then what the capabilities are.
func (t target) Configure(c *savevm.Configuration) error {
	for _, name := range c.Capabilities {
		if _, ok := qapi.ParseMigrationCapability(name); !ok {
			return fmt.Errorf("Received unknown capability %s", name)
		}
	}
	if err := t.m.sameUUID(c); err != nil {
		return err
	}
	if err := t.Machine.Configure(c); err != nil {
		return err
	}
	var errs []error
	for _, name := range validated() {
		here, there := t.m.settings.Enabled(name), slices.Contains(c.Capabilities, string(name))
		if here != there {
			errs = append(errs, fmt.Errorf("Capability %s is %s, but received capability is %s",
				name, onOff(here), onOff(there)))
		}
	}
	return errors.Join(errs...)
}

// sameUUID compares the VM that comes with this one, where the stream says which it is.
func (m *Migration) sameUUID(c *savevm.Configuration) error {
	if c.UUID == nil {
		return nil
	}
	switch own := m.host.UUID(); {
	case own == nil:
		m.host.Report(fmt.Sprintf("warning: UUID is received %s, but local uuid isn't set", c.UUID))
	case *own != *c.UUID:
		return fmt.Errorf("UUID received is %s and local is %s", c.UUID, own)
	}
	return nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
