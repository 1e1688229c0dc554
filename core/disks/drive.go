package disks

import (
	"qmpmigrate/core/block"
	"qmpmigrate/core/block/images"
	"qmpmigrate/qapi"
)

// Drive is a disk in the old form.
type Drive struct {
	// ID is its name, given or made up ("ide0-hd0").
	ID string
	// Bus is what it hangs on: ide, scsi, virtio, none, ...
	Bus   string
	CDROM bool
	// Device is the path of the device that the machine makes of it, empty for none.
	Device string
	// Writethrough: a write is done only when its data is safe.
	Writethrough bool
	// Temporary: what is written is forgotten at the end.
	Temporary bool
	// IgnoreInvalid and IgnoreFailed are of block.Stats.
	IgnoreInvalid, IgnoreFailed bool
	// Options are how to open it; nil for a drive without medium. A Driver that
	// is empty is to be found out: Raw has the file then.
	Options *qapi.BlockdevOptions
}

// AddDrive opens a drive.
func (s *Set) AddDrive(d Drive) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := drive{id: d.ID, device: d.Device, bus: d.Bus, cdrom: d.CDROM, writethrough: d.Writethrough,
		stats: &block.Stats{IgnoreInvalid: d.IgnoreInvalid, IgnoreFailed: d.IgnoreFailed}}
	if d.Options != nil {
		n, err := s.openDrive(d.Options, d.Temporary)
		if err != nil {
			return err
		}
		entry.node = n
		s.graph.AddBackend(block.Backend{Name: d.ID, Node: n, Device: d.Device, Stats: entry.stats})
		s.noteSettings(n, d.Options)
	}
	if s.graph.Node(d.ID) != nil {
		return qapi.Errorf("Device name '%s' conflicts with an existing node name", d.ID)
	}
	s.drives = append(s.drives, entry)
	return nil
}

// openDrive opens the image of a drive, whose format may have to be found out.
func (s *Set) openDrive(o *qapi.BlockdevOptions, temporary bool) (*block.Node, error) {
	if err := unfitFile(o, false); err != nil {
		return nil, err
	}
	options := imageOptions(o)
	options.Temporary = temporary
	if o.Driver != "" {
		return s.opener().AddRoot(options)
	}
	d := images.Drive{NodeName: value(o.NodeName), ReadOnly: value(o.ReadOnly), Temporary: temporary}
	if file := o.Raw.File.Definition; file != nil && file.File != nil {
		d.File, d.Unlocked = file.File.Filename, unlocked(file.File)
		return s.opener().AddDrive(d)
	}
	o.Driver = qapi.BlockdevDriverRaw
	options.Driver = string(o.Driver)
	return s.opener().AddRoot(options)
}
