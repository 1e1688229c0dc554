package disks

import (
	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
)

// Device is a device that uses a disk.
type Device struct {
	// Type is the type of the object that has the disk: "ide-hd", "virtio-blk-device".
	Type string
	// Path is how query-block shows it: its id, or its place in the tree of objects.
	Path string
	// Drive is the name of the drive or node.
	Drive string
	CDROM bool
}

// Attach gives a device its disk.
func (s *Set) Attach(d Device) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.drive(d.Drive); e != nil {
		switch {
		case e.node == nil && !d.CDROM:
			return qapi.Errorf("Device needs media, but drive is empty")
		case e.device != "" && e.bus != "none":
			return qapi.Errorf("Drive '%s' is already in use because it has been automatically connected to another device"+
				" (did you need 'if=none' in the drive options?)", d.Drive)
		case e.device != "":
			return qapi.Errorf("Drive '%s' is already in use by another device", d.Drive)
		}
		e.device, e.cdrom = d.Path, e.cdrom || d.CDROM
		s.graph.Attach(d.Drive, d.Path, e.stats)
		return nil
	}
	n, stats := s.graph.Node(d.Drive), &block.Stats{}
	if n == nil || !s.graph.Attach(d.Drive, d.Path, stats) {
		return qapi.Errorf("Property '%s.drive' can't find value '%s'", d.Type, d.Drive)
	}
	s.drives = append(s.drives, drive{node: n, device: d.Path, bus: "none", cdrom: d.CDROM, stats: stats})
	return nil
}
