package migration

import (
	"errors"
	"fmt"

	"qmpmigrate/channels"
	"qmpmigrate/qapi"
)

// suits says why the capabilities that are on cannot use an address.
func (o *options) suits(a channels.Address) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return suits(a, o.capabilities, &o.parameters)
}

func suits(a channels.Address, on capabilities, p *qapi.MigrationParameters) error {
	file := a.Transport == channels.TransportFile
	multifd, mapped := on[qapi.MigrationCapabilityMultifd], on[qapi.MigrationCapabilityMappedRAM]
	rdma := a.Transport == channels.TransportRDMA
	many := connects(a) && !rdma || file && mapped
	if rdma {
		if err := rdmaConflict(on, p); err != nil {
			return err
		}
	}
	return first(
		refuse(mapped && !file, "Migration requires seekable transport (e.g. file)"),
		refuse((multifd || on[qapi.MigrationCapabilityPostcopyPreempt]) && !many,
			"Migration requires multi-channel URIs (e.g. tcp)"),
		refuse(multifd && *p.DirectIO && !file,
			"Migration requires a transport that allows for extra fds (e.g. file)"),
		refuse(*p.Mode == qapi.MigModeCPRTransfer && file, "Migration requires streamable transport (eg unix)"))
}

// startConflict says what is set that a source cannot begin with.
func (o *options) startConflict() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return startConflict(o.capabilities, &o.parameters)
}

func startConflict(on capabilities, p *qapi.MigrationParameters) error {
	if on[qapi.MigrationCapabilityMappedRAM] && encrypts(p) {
		return errors.New("Cannot use TLS with mapped-ram")
	}
	if on[qapi.MigrationCapabilityMappedRAM] && compresses(p) {
		return errors.New("Cannot use compression with mapped-ram")
	}
	if on[qapi.MigrationCapabilityMappedRAM] && on[qapi.MigrationCapabilityBackgroundSnapshot] {
		// QEMU writes a file that it cannot load.
		return errors.New("Background-snapshot is not compatible with mapped-ram")
	}
	if *p.Mode == qapi.MigModeNormal {
		return nil
	}
	for _, c := range []struct {
		on   bool
		name string
	}{
		{on[qapi.MigrationCapabilityPostcopyRAM] || on[qapi.MigrationCapabilityDirtyBitmaps], "postcopy"},
		{on[qapi.MigrationCapabilityBackgroundSnapshot], "background snapshot"},
		{on[qapi.MigrationCapabilityXCOLO], "COLO"},
	} {
		if c.on {
			return fmt.Errorf("Cannot use %s with CPR", c.name)
		}
	}
	return nil
}
