package savevm

import (
	"fmt"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

// Saver writes one whole stream: Begin, then Start, Part and End of the
// iterable sections, then Device for each device, then Finish. Errors of the
// channel stay with the writer.
type Saver struct {
	w    *stream.Writer
	desc *vmstate.DescWriter
	// last is the id of the newest section. Ids begin with 1: a QEMU that
	// reads a PART of section 0 takes it for any device that has not come yet.
	last uint32
}

// NewSaver makes a saver onto w.
func NewSaver(w *stream.Writer) *Saver {
	s := &Saver{w: w, desc: vmstate.NewDescWriter()}
	s.desc.OpenDevices(wire.PageSize)
	return s
}

// Begin writes the header and the configuration.
func (s *Saver) Begin(c *Configuration) {
	s.w.Write(wire.AppendHeader(nil))
	c.save(s.w)
}

// Start writes the START section of an iterable; body puts its body. The id
// that it returns names the section in Part and End.
func (s *Saver) Start(idstr string, instance, version uint32, body func()) (id uint32) {
	id = s.open(wire.SectionStart, idstr, instance, version)
	body()
	s.close(id)
	return id
}

// Part writes a PART section.
func (s *Saver) Part(id uint32, body func()) { s.later(wire.SectionPart, id, body) }

// End writes the END section.
func (s *Saver) End(id uint32, body func()) { s.later(wire.SectionEnd, id, body) }

// Command writes a command. payload has at most 65535 bytes.
func (s *Saver) Command(code wire.CommandCode, payload []byte) {
	s.w.Write(wire.AppendCommand(nil, code, payload))
}

// Device writes a FULL section and adds it to the description.
func (s *Saver) Device(d Device) error {
	id := s.open(wire.SectionFull, d.IDStr, d.Instance, d.State.VersionID())
	s.desc.OpenDevice(d.IDStr, d.Instance)
	if err := d.State.Save(s.w, s.desc); err != nil {
		return fmt.Errorf("error while saving state for instance 0x%x of device '%s': %w", d.Instance, d.IDStr, err)
	}
	s.desc.CloseDevice()
	s.close(id)
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

func (s *Saver) open(kind wire.SectionType, idstr string, instance, version uint32) uint32 {
	s.last++
	h := wire.SectionHeader{Type: kind, ID: s.last, IDStr: idstr, Instance: instance, Version: version}
	s.w.Write(h.Append(nil))
	return h.ID
}

func (s *Saver) later(kind wire.SectionType, id uint32, body func()) {
	s.w.U8(uint8(kind))
	s.w.U32(id)
	body()
	s.close(id)
}

func (s *Saver) close(id uint32) { s.w.Write(wire.AppendFooter(nil, id)) }
