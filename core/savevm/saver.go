package savevm

import (
	"fmt"
	"time"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

// Format is what the streams of very old machine types lack. Both ends have it the same.
type Format struct {
	// NoConfiguration leaves the configuration out.
	NoConfiguration bool
	// NoFooters leaves the footers of sections out.
	NoFooters bool
}

// Saver writes one whole stream: Begin, then Start, Part and End of the
// iterable sections, then Device for each device, then Finish. Errors of the
// channel stay with the writer.
type Saver struct {
	Format
	w    *stream.Writer
	desc *vmstate.DescWriter
	// last is the id of the newest section. Ids begin with 1: a QEMU that
	// reads a PART of section 0 takes it for any device that has not come yet.
	last  uint32
	ids   map[DeviceKey]uint32  // of the sections that were started, and of devices that were saved
	foot  [wire.FooterSize]byte // where footers are made
	trace saverTrace
	// Timed is told of each device's last section; nil is for nobody.
	Timed Timed
}

// NewSaver makes a saver onto w.
func NewSaver(w *stream.Writer) *Saver {
	s := &Saver{w: w, desc: vmstate.NewDescWriter(), ids: map[DeviceKey]uint32{}}
	s.desc.OpenDevices(wire.PageSize)
	return s
}

// Begin writes the header and the configuration.
func (s *Saver) Begin(c *Configuration) {
	s.trace.header.Tell()
	s.w.Write(wire.AppendHeader(nil))
	if !s.NoConfiguration {
		c.save(s.w)
	}
}

// Command writes a command. payload has at most 65535 bytes.
func (s *Saver) Command(code wire.CommandCode, payload []byte) {
	s.trace.told(code, payload)
	s.w.Write(wire.AppendCommand(nil, code, payload))
}

// Device writes a FULL section and adds it to the description.
func (s *Saver) Device(d Device) error {
	began := time.Now()
	id := s.number(&d)
	s.open(wire.SectionFull, id, d.IDStr, d.Instance, d.State.VersionID())
	s.trace.saving(id, &d)
	if s.desc != nil {
		s.desc.OpenDevice(d.IDStr, d.Instance)
		defer s.desc.CloseDevice()
	}
	if err := d.State.Save(s.w, s.desc); err != nil {
		return fmt.Errorf("error while saving state for instance 0x%x of device '%s': %w", d.Instance, d.IDStr, err)
	}
	s.close(id)
	s.trace.saved(id, &d)
	s.Timed.time(s.trace.took, wire.SectionFull, d.IDStr, d.Instance, began)
	return nil
}

// Finish ends the stream with description, or with the one made of the devices
// where it is nil, and writes all that is still buffered.
func (s *Saver) Finish(description []byte) error {
	if description == nil {
		description = s.desc.Close()
	}
	s.w.U8(uint8(wire.EOF))
	s.w.U8(uint8(wire.VMDescription))
	s.w.U32(uint32(len(description)))
	s.w.Write(description)
	return s.w.Flush()
}

// FinishPostcopy ends a stream whose devices went in a package.
func (s *Saver) FinishPostcopy() error {
	s.w.U8(uint8(wire.EOF))
	return s.w.Flush()
}

func (s *Saver) open(kind wire.SectionType, id uint32, idstr string, instance, version uint32) {
	h := wire.SectionHeader{Type: kind, ID: id, IDStr: idstr, Instance: instance, Version: version}
	s.w.Write(h.Append(nil))
}

func (s *Saver) close(id uint32) {
	if !s.NoFooters {
		s.w.Write(wire.AppendFooter(s.foot[:0], id))
	}
}
