package settings

import (
	"cmp"
	"errors"
	"fmt"

	"qmpmigrate/qapi"
)

// capabilityCheck is a set of capabilities beside what it must go with. The
// rules and their order are QEMU's.
type capabilityCheck struct {
	old, set   capabilities
	parameters *qapi.MigrationParameters
	compress   bool // pages go compressed one by one
	now        Situation
}

// errZeroCopy is about zero-copy-send and what it cannot go with.
var errZeroCopy = errors.New("Zero copy only available for non-compressed non-TLS multifd migration")

func (c *capabilityCheck) check() error {
	for _, rule := range []func() error{
		c.postcopy, c.snapshot, c.zeroCopy, c.preempt, c.multifd, c.switchoverAck, c.dirtyLimit, c.compression,
	} {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

// refuse makes an error of text where something is bad.
func refuse(bad bool, text string) error {
	if bad {
		return errors.New(text)
	}
	return nil
}

func (c *capabilityCheck) postcopy() error {
	if !c.set[qapi.MigrationCapabilityPostcopyRAM] {
		return nil
	}
	return cmp.Or(
		refuse(c.set[qapi.MigrationCapabilityXIgnoreShared], "Postcopy is not compatible with ignore-shared"),
		refuse(c.set[qapi.MigrationCapabilityMultifd], "Postcopy is not yet compatible with multifd"))
}

// snapshot names the first one that a background snapshot cannot go with.
func (c *capabilityCheck) snapshot() error {
	if !c.set[qapi.MigrationCapabilityBackgroundSnapshot] {
		return nil
	}
	for _, other := range []qapi.MigrationCapability{
		qapi.MigrationCapabilityPostcopyRAM, qapi.MigrationCapabilityDirtyBitmaps,
		qapi.MigrationCapabilityPostcopyBlocktime, qapi.MigrationCapabilityLateBlockActivate,
		qapi.MigrationCapabilityReturnPath, qapi.MigrationCapabilityMultifd,
		qapi.MigrationCapabilityPauseBeforeSwitchover, qapi.MigrationCapabilityAutoConverge,
		qapi.MigrationCapabilityReleaseRAM, qapi.MigrationCapabilityRDMAPinAll,
		qapi.MigrationCapabilityXBZRLE, qapi.MigrationCapabilityXCOLO,
		qapi.MigrationCapabilityValidateUUID, qapi.MigrationCapabilityZeroCopySend,
	} {
		if c.set[other] {
			return fmt.Errorf("Background-snapshot is not compatible with %s", other)
		}
	}
	return refuse(c.compress, "Background-snapshot is not compatible with compress")
}

func (c *capabilityCheck) zeroCopy() error {
	if c.set[qapi.MigrationCapabilityZeroCopySend] && (!c.set[qapi.MigrationCapabilityMultifd] ||
		c.set[qapi.MigrationCapabilityXBZRLE] || c.compress || compresses(c.parameters) || encrypts(c.parameters)) {
		return errZeroCopy
	}
	return nil
}

func (c *capabilityCheck) preempt() error {
	const preempt = qapi.MigrationCapabilityPostcopyPreempt
	if !c.set[preempt] {
		return nil
	}
	return cmp.Or(
		refuse(!c.set[qapi.MigrationCapabilityPostcopyRAM], "Postcopy preempt requires postcopy-ram"),
		refuse(c.compress, "Postcopy preempt not compatible with compress"),
		refuse(!c.old[preempt] && c.now.Listening, "Postcopy preempt must be set before incoming starts"))
}

func (c *capabilityCheck) multifd() error {
	const multifd = qapi.MigrationCapabilityMultifd
	return cmp.Or(
		refuse(c.set[multifd] && c.compress, "Multifd is not compatible with compress"),
		refuse(c.set[multifd] && !c.old[multifd] && c.now.Listening, "Multifd must be set before incoming starts"))
}

func (c *capabilityCheck) switchoverAck() error {
	return refuse(c.set[qapi.MigrationCapabilitySwitchoverAck] && !c.set[qapi.MigrationCapabilityReturnPath],
		"Capability 'switchover-ack' requires capability 'return-path'")
}

// dirtyLimit needs an accelerator that counts for each vCPU.
func (c *capabilityCheck) dirtyLimit() error {
	if !c.set[qapi.MigrationCapabilityDirtyLimit] {
		return nil
	}
	return cmp.Or(
		refuse(c.set[qapi.MigrationCapabilityAutoConverge],
			"dirty-limit conflicts with auto-converge either of then available currently"),
		refuse(!c.now.Ring, "dirty-limit requires KVM with accelerator property 'dirty-ring-size' set"))
}

func (c *capabilityCheck) compression() error {
	xbzrle, mapped := c.set[qapi.MigrationCapabilityXBZRLE], c.set[qapi.MigrationCapabilityMappedRAM]
	return cmp.Or(
		refuse(c.set[qapi.MigrationCapabilityMultifd] && xbzrle, "Multifd is not compatible with xbzrle"),
		refuse(mapped && xbzrle, "Mapped-ram migration is incompatible with xbzrle"),
		refuse(mapped && c.compress, "Mapped-ram migration is incompatible with compression"),
		refuse(mapped && c.set[qapi.MigrationCapabilityPostcopyRAM], "Mapped-ram migration is incompatible with postcopy"))
}

func compresses(p *qapi.MigrationParameters) bool {
	return *p.MultifdCompression != qapi.MultiFDCompressionNone
}

func encrypts(p *qapi.MigrationParameters) bool { return *p.TLSCreds != "" }
