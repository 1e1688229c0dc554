package inspect

import (
	"bytes"
	"encoding/binary"
	"testing"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

// Section ids of the streams that are built here.
const (
	ramID   = 1
	timerID = 3
	diskID  = 4
)

// builder puts a stream together from pieces.
type builder struct {
	b    []byte
	desc *vmstate.DescWriter
}

func newBuilder() *builder {
	d := vmstate.NewDescWriter()
	d.OpenDevices(4096)
	return &builder{desc: d}
}

func (s *builder) raw(b ...byte) *builder {
	s.b = append(s.b, b...)
	return s
}

func (s *builder) u32(v uint32) *builder {
	s.b = binary.BigEndian.AppendUint32(s.b, v)
	return s
}

func (s *builder) name(v string) *builder {
	s.b = wire.AppendCounted(s.b, v)
	return s
}

// head is the file header and a configuration without subsections.
func (s *builder) head(machine string) *builder {
	s.b = wire.AppendHeader(s.b)
	s.raw(byte(wire.Configuration)).u32(uint32(len(machine)))
	s.b = append(s.b, machine...)
	return s
}

func (s *builder) subsection(name string) *builder {
	return s.raw(byte(wire.Subsection)).name(name).u32(1)
}

func (s *builder) open(kind wire.SectionType, id uint32, name string, instance, version uint32) *builder {
	h := wire.SectionHeader{Type: kind, ID: id, IDStr: name, Instance: instance, Version: version}
	s.b = h.Append(s.b)
	return s
}

func (s *builder) footer(id uint32) *builder {
	s.b = wire.AppendFooter(s.b, id)
	return s
}

func (s *builder) command(code wire.CommandCode, payload ...byte) *builder {
	s.b = wire.AppendCommand(s.b, code, payload)
	return s
}

// record puts the word of a RAM record.
func (s *builder) record(addr uint64, flags wire.RAMFlags) *builder {
	s.b = wire.AppendRAM(s.b, addr, flags)
	return s
}

func (s *builder) eos() *builder { return s.record(0, wire.RAMEOS) }

func (s *builder) page() *builder {
	s.b = append(s.b, make([]byte, wire.PageSize)...)
	return s
}

// ramStart is the START section of ram: "pc.ram" of 16 pages, "rom" of 2.
func (s *builder) ramStart() *builder {
	s.open(wire.SectionStart, ramID, "ram", 0, wire.RAMVersion)
	s.record(18*wire.PageSize, wire.RAMMemSize)
	s.b = wire.AppendRAMSize(s.b, "pc.ram", 16*wire.PageSize)
	s.b = wire.AppendRAMSize(s.b, "rom", 2*wire.PageSize)
	return s.eos().footer(ramID)
}

// ramPart opens a PART of ram.
func (s *builder) ramPart() *builder { return s.raw(byte(wire.SectionPart)).u32(ramID) }

// device puts a FULL section and describes it.
func (s *builder) device(t testing.TB, id uint32, name string, instance uint32, d *vmstate.Description) *builder {
	t.Helper()
	s.open(wire.SectionFull, id, name, instance, d.Version)
	s.desc.OpenDevice(name, instance)
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	if err := d.Save(w, s.desc); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	s.desc.CloseDevice()
	return s.raw(out.Bytes()...).footer(id)
}

// finish puts EOF and the description.
func (s *builder) finish() []byte {
	text := s.desc.Close()
	s.raw(byte(wire.EOF), byte(wire.VMDescription)).u32(uint32(len(text)))
	return append(s.b, text...)
}

func timerState() *vmstate.Description {
	return &vmstate.Description{Name: "timer", Version: 2, Fields: []vmstate.Field{
		vmstate.Int64("ticks", new(int64(-5))),
		vmstate.Unused(4),
		vmstate.Timer("next", new(vmstate.NotArmed)),
	}}
}

// port is one of the two ports of the disk below.
type port struct {
	status uint8
	data   [2]uint16
}

func diskState() *vmstate.Description {
	ports := []port{{1, [2]uint16{2, 3}}, {4, [2]uint16{5, 6}}}
	return &vmstate.Description{
		Name: "disk", Version: 1,
		Fields: []vmstate.Field{
			vmstate.Bool("busy", new(true)),
			vmstate.StructArray("ports", ports, func(p *port) *vmstate.Description {
				return &vmstate.Description{Name: "port", Version: 3, Fields: []vmstate.Field{
					vmstate.Uint8("status", &p.status), vmstate.Uint16Array("data", p.data[:]),
				}}
			}),
			vmstate.Buffer("sector", []byte("sector of the disk, more than is shown")),
			vmstate.Float64("load", new(0.5)),
		},
		Subsections: []vmstate.Subsection{{
			Name: "disk/cache", Version: 1, Fields: []vmstate.Field{vmstate.Uint32("lines", new(uint32(7)))},
		}},
	}
}

// small is a stream with something of everything in precopy.
func small(t testing.TB) []byte {
	s := newBuilder().head("memtest-1")
	s.subsection("configuration/uuid").raw([]byte("0123456789abcdef")...)
	s.command(wire.CmdOpenReturnPath).command(wire.CmdPing, 0, 0, 0, 1)
	s.ramStart()
	s.ramPart().record(0, wire.RAMPage).name("pc.ram").page()
	s.record(0x1000, wire.RAMZero|wire.RAMContinue).raw(0)
	s.record(0x1000, wire.RAMZero).name("rom").raw(0).eos().footer(ramID)
	s.ramPart().record(0, wire.RAMZero|wire.RAMContinue).raw(0).eos().footer(ramID)
	s.command(wire.CmdSwitchoverStart)
	s.raw(byte(wire.SectionEnd)).u32(ramID)
	s.record(0x2000, wire.RAMXBZRLE).name("pc.ram").raw(1, 0, 3, 0, 1, 0xff).eos().footer(ramID)
	s.device(t, timerID, "timer", 0, timerState())
	s.device(t, diskID, "0000:00:01.1/disk", 0, diskState())
	return s.finish()
}
