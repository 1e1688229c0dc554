package settings

import (
	"cmp"
	"errors"
	"fmt"

	"qmpmigrate/channels"
	"qmpmigrate/qapi"
)

// Suits says why the capabilities that are on cannot use an address.
func (s *Settings) Suits(a channels.Address) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return suits(a, s.capabilities, &s.parameters)
}

func suits(a channels.Address, on capabilities, p *qapi.MigrationParameters) error {
	file := a.Transport == channels.TransportFile
	multifd, mapped := on[qapi.MigrationCapabilityMultifd], on[qapi.MigrationCapabilityMappedRAM]
	rdma := a.Transport == channels.TransportRDMA
	many := a.Connects() && !rdma || file && mapped
	if rdma {
		if err := rdmaConflict(on, p); err != nil {
			return err
		}
	}
	return cmp.Or(
		refuse(mapped && !file, "Migration requires seekable transport (e.g. file)"),
		refuse((multifd || on[qapi.MigrationCapabilityPostcopyPreempt]) && !many,
			"Migration requires multi-channel URIs (e.g. tcp)"),
		refuse(multifd && *p.DirectIO && !file,
			"Migration requires a transport that allows for extra fds (e.g. file)"),
		refuse(*p.Mode == qapi.MigModeCPRTransfer && file, "Migration requires streamable transport (eg unix)"))
}

// StartConflict says what is set that a source cannot begin with.
func (s *Settings) StartConflict() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return startConflict(s.capabilities, &s.parameters)
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
