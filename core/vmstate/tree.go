package vmstate

// StreamDesc is the description that closes a stream, as it was read.
type StreamDesc struct {
	PageSize      int64        // guest page in bytes, 0 where it is not told
	Configuration *StateDesc   // of the configuration section, nil before QEMU 8.2
	Devices       []DeviceDesc // one per FULL section, in the order of the stream
}

// DeviceDesc describes the body of one FULL section.
type DeviceDesc struct {
	Name      string // idstr of the section
	Instance  uint32
	StateDesc // without a name where the device has no description of its own
}

// StateDesc describes the fields of a device, struct or subsection, and the
// subsections that follow them.
type StateDesc struct {
	VMSD        string // name of the description that wrote it
	Version     uint32
	Fields      []FieldDesc
	Subsections []StateDesc
}

func (s *StateDesc) empty() bool { return len(s.Fields)+len(s.Subsections) == 0 }

// FieldDesc describes one field, or one element of it.
type FieldDesc struct {
	Name  string
	Type  string
	Len   int64 // elements of Size bytes each that this stands for, at least 1
	Index int64 // of this element, -1 where it is not told
	Size  int64 // bytes of one element
	// Struct is what a field of type struct holds.
	Struct *StateDesc
	// Inline is what other nested types hold, one for each element of a list.
	Inline []StateDesc
}

// Device finds the n-th description of a section, n counting from 0.
func (d *StreamDesc) Device(idstr string, instance uint32, n int) *DeviceDesc {
	for i := range d.Devices {
		dev := &d.Devices[i]
		if dev.Name == idstr && dev.Instance == instance {
			if n == 0 {
				return dev
			}
			n--
		}
	}
	return nil
}
