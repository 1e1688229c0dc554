package migration

import (
	"errors"

	"qmpmigrate/core/blockmigration"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
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

func (d DiskMode) on() bool { return d.Whole || d.Incremental }

// property is like that of options.
func (d *DiskMode) property(name string) setter {
	switch name {
	case "x-block":
		return toBool(func(on bool) { d.Whole = on })
	case "x-block-incremental":
		return toBool(func(on bool) { d.Incremental = on })
	}
	return nil
}

// diskMode gives what a migration does with disks that asked for asked, in the
// words of QEMU 7.2.
func (o *options) diskMode(asked DiskMode) (DiskMode, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case (asked.on() || o.disks.on()) && o.capabilities[qapi.MigrationCapabilityBackgroundSnapshot]:
		// A QEMU would send disks without their end.
		return asked, errors.New("Background-snapshot is not compatible with block")
	case !asked.on():
		return o.disks, nil
	case o.capabilities[qapi.MigrationCapabilityXCOLO]:
		return asked, errors.New("No disk migration is required in COLO mode")
	case o.disks.on():
		return asked, errors.New("Command options are incompatible with current migration capabilities")
	}
	return asked, nil
}

const blockName = "block"

// diskSection is the source's section of disks.
func (o *outgoing) diskSection() *savevm.Live {
	o.blocks = blockmigration.NewSaver(o.m.host.Disks(), &o.diskStats, blockmigration.Options{
		Incremental: o.disks.Incremental,
		ZeroBlocks:  o.m.options.enabled(qapi.MigrationCapabilityZeroBlocks),
	})
	return &savevm.Live{IDStr: blockName, Version: wire.BlockVersion, Source: o.blocks}
}

// diskInfo is what query-migrate tells of disks while they go, as up to 9.0.
func (o *outgoing) diskInfo() *qapi.MigrationStats {
	s := &o.diskStats
	if !s.Active.Load() {
		return nil
	}
	total, done := s.Total.Load(), s.Done.Load()
	return &qapi.MigrationStats{Transferred: done, Remaining: total - done, Total: total}
}

// diskMover takes disks in until the VM comes.
type diskMover struct {
	*blockmigration.Loader
	arrival *arrival
}

func (d diskMover) Load(r *stream.Reader, version uint32) error {
	if d.arrival.begun() {
		return errors.New("disks behind the VM that writes to them")
	}
	return d.Loader.Load(r, version)
}
