package migration

import (
	"qmpmigrate/core/blockmigration"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/sections"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// outgoingSections are those of a source.
func (o *outgoing) outgoingSections(machine guest.Machine) sections.List {
	var all sections.List
	if o.disks.On() {
		all = append(all, o.diskSection())
	}
	all = append(all, &savevm.Live{IDStr: "ram", Version: wire.RAMVersion, Source: o.ram, Postcopy: o.ramFollows()})
	if o.m.settings.Enabled(qapi.MigrationCapabilityDirtyBitmaps) {
		all = append(all, o.bitmapSection())
	}
	for _, l := range sections.Devices(machine) {
		all = append(all, &l)
	}
	return all
}

// incomingSections are those of a destination: whatever its source sends is taken.
func incomingSections(a *arrival) []savevm.Live {
	disks := diskMover{blockmigration.NewLoader(a.in.m.host.Disks()), a}
	return append([]savevm.Live{
		{IDStr: blockName, Version: wire.BlockVersion, Target: disks},
		{IDStr: "ram", Version: wire.RAMVersion, Target: a},
		{IDStr: bitmapsName, Version: wire.DirtyVersion, Target: a.bitmaps},
	}, sections.Devices(a.machine)...)
}
