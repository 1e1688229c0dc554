package migration

import (
	"qmpmigrate/core/dirtybitmap"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// bitmapSection is the source's section of dirty bitmaps.
func (o *outgoing) bitmapSection() *savevm.Live {
	o.bitmaps = dirtybitmap.NewSaver(o.m.host.Disks(), o.m.settings.BitmapMapping())
	o.bitmaps.TraceTo(o.m.host.Trace())
	return &savevm.Live{IDStr: bitmapsName, Version: wire.DirtyVersion, Source: o.bitmaps, Postcopy: true}
}

const bitmapsName = "dirty-bitmap"

// ramFollows says whether memory can follow the VM. Where it cannot, dirty
// bitmaps may all the same.
func (o *outgoing) ramFollows() bool {
	return o.m.settings.Enabled(qapi.MigrationCapabilityPostcopyRAM)
}

// postcopies says whether anything can follow the VM.
func (o *outgoing) postcopies() bool {
	return o.ramFollows() || o.m.settings.Enabled(qapi.MigrationCapabilityDirtyBitmaps)
}

// keepBitmaps is for a VM that stays here.
func (o *outgoing) keepBitmaps() {
	if o.bitmaps != nil && !o.gone() {
		o.bitmaps.Restore()
	}
}
