package migration

import (
	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/sections"
	"qmpmigrate/core/savevm"
	"qmpmigrate/qapi"
)

// vfioStats is what all passed-through devices together sent; nil where there is none.
func vfioStats(machine guest.Machine) *qapi.VfioStats {
	var stats *qapi.VfioStats
	for _, l := range sections.Devices(machine) {
		if d, ok := l.Source.(savevm.VFIO); ok {
			if stats == nil {
				stats = &qapi.VfioStats{}
			}
			stats.Transferred += int64(d.VFIOTransferred())
		}
	}
	return stats
}
