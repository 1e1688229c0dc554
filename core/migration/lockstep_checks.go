package migration

import (
	"cmp"
	"errors"
	"fmt"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/sections"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

var errBoth = errors.New("COLO does not support postcopy")

// besides are the capabilities that a lock step does not go with: what comes
// back on the main channel is no return path, pages come on no other one, the copy
// of memory needs all of them in the stream, and no checkpoint has bitmaps. QEMU
// lets them be set, and hangs with the first; with lanes its secondary goes back to
// memory in which their pages are missing.
func besides() []qapi.MigrationCapability {
	return []qapi.MigrationCapability{
		qapi.MigrationCapabilityPostcopyRAM, qapi.MigrationCapabilityReturnPath, qapi.MigrationCapabilityMultifd,
		qapi.MigrationCapabilityMappedRAM, qapi.MigrationCapabilityXIgnoreShared, qapi.MigrationCapabilityDirtyBitmaps,
	}
}

// lockstepConflict says what keeps a source from a lock step, where it wants one.
func (m *Migration) lockstepConflict() error {
	if !m.settings.Enabled(qapi.MigrationCapabilityXCOLO) {
		return nil
	}
	for _, c := range besides() {
		if m.settings.Enabled(c) {
			return notBeside(string(c))
		}
	}
	return m.lockstepMisses(m.host.Guest())
}

// lockstepMisses says what of a machine no checkpoint has: parts of devices that go
// out while the VM runs, and disks, which each end would go on writing for itself.
func (m *Migration) lockstepMisses(machine guest.Machine) error {
	for _, l := range sections.Devices(machine) {
		return notBeside("device " + l.IDStr)
	}
	for _, b := range m.host.Disks().Backends() {
		if b.Node != nil && !b.Node.ReadOnly() {
			return notBeside("the writable disk " + cmp.Or(b.Name, b.Node.Name()))
		}
	}
	return nil
}

func notBeside(what string) error {
	return fmt.Errorf("x-colo together with %s is not supported yet by this build", what)
}

var errNoWayBack = errors.New("Open QEMUFile from_dst_file failed")

// enableCOLO tells the destination before the setup that there will be a lock step.
func (o *outgoing) enableCOLO(s *sending) error {
	if !o.m.settings.Enabled(qapi.MigrationCapabilityXCOLO) {
		return nil
	}
	if !s.conn.TwoWay() {
		return errNoWayBack
	}
	o.m.points.colo.enables.Tell()
	s.Command(wire.CmdEnableCOLO, nil)
	o.colo = true
	return nil
}

// enableCOLO is the destination's part.
func (a *arrival) enableCOLO() error {
	options := a.in.m.settings
	switch {
	case !options.Enabled(qapi.MigrationCapabilityXCOLO):
		return errors.New("ENABLE_COLO command come in migration stream, but x-colo capability is not set")
	case !a.in.channel().TwoWay():
		return fmt.Errorf("%s on a channel that cannot carry it", wire.CmdEnableCOLO)
	case a.reached() != arrivalNone:
		return errBoth
	case a.back.Opened():
		return notBeside(string(qapi.MigrationCapabilityReturnPath))
	}
	for _, c := range []qapi.MigrationCapability{
		qapi.MigrationCapabilityMultifd, qapi.MigrationCapabilityXIgnoreShared, qapi.MigrationCapabilityDirtyBitmaps,
	} {
		if options.Enabled(c) {
			return notBeside(string(c))
		}
	}
	if err := a.in.m.lockstepMisses(a.machine); err != nil {
		return err
	}
	a.colo = true
	return nil
}
