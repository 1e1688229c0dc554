package migration

import (
	"errors"

	"qmpmigrate/core/blockmigration"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

const blockName = "block"

// diskSection is the source's section of disks.
func (o *outgoing) diskSection() *savevm.Live {
	o.blocks = blockmigration.NewSaver(o.m.host.Disks(), &o.diskStats, blockmigration.Options{
		Incremental: o.disks.Incremental,
		ZeroBlocks:  o.m.settings.Enabled(qapi.MigrationCapabilityZeroBlocks),
	})
	o.blocks.TraceTo(o.m.host.Trace())
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
