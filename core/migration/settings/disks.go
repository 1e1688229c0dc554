package settings

import (
	"errors"

	"qmpmigrate/qapi"
)

// DiskMode says what of its disks goes with a VM, as QEMUs up to 9.0 have it. The
// protocol of later ones does not know it, so it is switched with properties
// (-global migration.x-block=on), or for one migration by migrate -b or -i of the
// text monitor. Only who sends needs it.
type DiskMode struct {
	// Whole: all of each disk goes.
	Whole bool
	// Incremental: only what its image keeps itself goes; the destination has
	// what is beneath.
	Incremental bool
}

// On says whether anything of them goes.
func (d DiskMode) On() bool { return d.Whole || d.Incremental }

// property is like that of Settings.
func (d *DiskMode) property(name string) setter {
	switch name {
	case "x-block":
		return toBool(func(on bool) { d.Whole = on })
	case "x-block-incremental":
		return toBool(func(on bool) { d.Incremental = on })
	}
	return nil
}

// Disks gives what a migration does with disks that asked for asked, in the
// words of QEMU 7.2.
func (s *Settings) Disks(asked DiskMode) (DiskMode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case (asked.On() || s.disks.On()) && s.capabilities[qapi.MigrationCapabilityBackgroundSnapshot]:
		// A QEMU would send disks without their end.
		return asked, errors.New("Background-snapshot is not compatible with block")
	case !asked.On():
		return s.disks, nil
	case s.capabilities[qapi.MigrationCapabilityXCOLO]:
		return asked, errors.New("No disk migration is required in COLO mode")
	case s.disks.On():
		return asked, errors.New("Command options are incompatible with current migration capabilities")
	}
	return asked, nil
}
