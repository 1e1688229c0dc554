package migration

import (
	"errors"
	"fmt"

	"qmpmigrate/core/migration/sections"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

var errBoth = errors.New("COLO does not support postcopy")

// besides are the capabilities that a lock step does not go with: what comes
// back on the main channel is no return path, and pages come on no other one.
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
	for _, l := range sections.Devices(m.host.Guest()) {
		return notBeside("device " + l.IDStr)
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
	case options.Enabled(qapi.MigrationCapabilityMultifd):
		return notBeside(string(qapi.MigrationCapabilityMultifd))
	case options.Enabled(qapi.MigrationCapabilityXIgnoreShared):
		return notBeside(string(qapi.MigrationCapabilityXIgnoreShared))
	}
	for _, l := range sections.Devices(a.machine) {
		return notBeside("device " + l.IDStr)
	}
	a.colo = true
	return nil
}
