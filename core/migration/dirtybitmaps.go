package migration

import (
	"qmpmigrate/core/dirtybitmap"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// bitmapMapping is block-bitmap-mapping: nil where it was never set, and no
// longer nil once it was.
func (o *options) bitmapMapping() dirtybitmap.Mapping {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.parameters.BlockBitmapMapping == nil {
		return nil
	}
	mapping := dirtybitmap.Mapping{}
	for _, n := range o.parameters.BlockBitmapMapping {
		node := dirtybitmap.MappedNode{Name: n.NodeName, Alias: n.Alias}
		for _, b := range n.Bitmaps {
			to := dirtybitmap.MappedBitmap{Name: b.Name, Alias: b.Alias}
			if b.Transform != nil {
				to.Persistent = b.Transform.Persistent
			}
			node.Bitmaps = append(node.Bitmaps, to)
		}
		mapping = append(mapping, node)
	}
	return mapping
}

// bitmapSection is the source's section of dirty bitmaps.
func (o *outgoing) bitmapSection() *savevm.Live {
	o.bitmaps = dirtybitmap.NewSaver(o.m.host.Disks(), o.m.options.bitmapMapping())
	return &savevm.Live{IDStr: bitmapsName, Version: wire.DirtyVersion, Source: o.bitmaps, Postcopy: true}
}

const bitmapsName = "dirty-bitmap"

// ramFollows says whether memory can follow the VM. Where it cannot, dirty
// bitmaps may all the same.
func (o *outgoing) ramFollows() bool { return o.m.options.enabled(qapi.MigrationCapabilityPostcopyRAM) }

// postcopies says whether anything can follow the VM.
func (o *outgoing) postcopies() bool {
	return o.ramFollows() || o.m.options.enabled(qapi.MigrationCapabilityDirtyBitmaps)
}

// keepBitmaps is for a VM that stays here.
func (o *outgoing) keepBitmaps() {
	if o.bitmaps != nil && !o.gone() {
		o.bitmaps.Restore()
	}
}
