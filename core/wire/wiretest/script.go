// Package wiretest makes what sources send, element by element, for tests that
// play one.
package wiretest

import (
	"encoding/binary"
	"slices"

	"qmpmigrate/core/wire"
)

// Script is what a source in postcopy sends. Each method returns a longer one
// and leaves the one it is called on as it is, as scripts share their beginnings.
type Script []byte

// ids of the sections of a script.
const (
	ramSection    = 1
	deviceSection = 2
)

const pageSize = 4096

// Header begins the stream of a machine.
func Header(machine string) Script {
	s := append(wire.AppendHeader(nil), byte(wire.Configuration))
	s = binary.BigEndian.AppendUint32(s, uint32(len(machine)))
	return append(s, machine...)
}

// Opening is a stream of a machine with one block of RAM, up to the end of ram's
// START, of a source that means to let RAM follow.
func Opening(machine, block string, size uint64) Script {
	return Header(machine).Command(wire.CmdOpenReturnPath).Advise(pageSize, pageSize).RAM(block, size)
}

// RAM is ram's START of one block.
func (s Script) RAM(block string, size uint64) Script {
	s = (&wire.SectionHeader{Type: wire.SectionStart, ID: ramSection, IDStr: "ram", Version: wire.RAMVersion}).Append(slices.Clip(s))
	s = wire.AppendRAMSize(wire.AppendRAM(s, size, wire.RAMMemSize), block, size)
	return wire.AppendFooter(wire.AppendRAM(s, 0, wire.RAMEOS), ramSection)
}

// Command is any one.
func (s Script) Command(code wire.CommandCode, payload ...byte) Script {
	return wire.AppendCommand(slices.Clip(s), code, payload)
}

// Then has anything behind it.
func (s Script) Then(raw ...byte) Script { return append(slices.Clip(s), raw...) }

// Advise tells of pages.
func (s Script) Advise(host, target uint64) Script {
	return s.Command(wire.CmdPostcopyAdvise, wire.AppendAdvise(nil, host, target)...)
}

// Discard is one of one range.
func (s Script) Discard(block string, start, length uint64) Script {
	return s.Command(wire.CmdPostcopyRAMDiscard, wire.AppendDiscard(nil, block, []wire.Range{{Start: start, Length: length}})...)
}

// Packaged has a package behind it.
func (s Script) Packaged(body Script) Script {
	return s.Command(wire.CmdPackaged, binary.BigEndian.AppendUint32(nil, uint32(len(body)))...).Then(body...)
}

// Device is the section of a device that only an adopting machine takes.
func (s Script) Device() Script {
	s = (&wire.SectionHeader{Type: wire.SectionFull, ID: deviceSection, IDStr: "device", Version: 1}).Append(slices.Clip(s))
	return wire.AppendFooter(append(s, "body"...), deviceSection)
}

// Pages is a PART of ram with count pages of a block from first on.
func (s Script) Pages(block string, first, count uint64) Script {
	s = (&wire.SectionHeader{Type: wire.SectionPart, ID: ramSection}).Append(slices.Clip(s))
	for n := first; n < first+count; n++ {
		s = wire.AppendRAMName(s, n*pageSize, wire.RAMPage, block)
		s = append(s, make([]byte, pageSize)...)
	}
	return wire.AppendFooter(wire.AppendRAM(s, 0, wire.RAMEOS), ramSection)
}
