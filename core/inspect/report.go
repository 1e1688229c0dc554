// Package inspect reads a whole migration stream and tells what is in it:
// every element with its place, the RAM blocks with how their pages came, and
// the fields of every device, by the description at the end of the stream.
//
// It believes nothing: every length is bounded before memory is made for it,
// and pages are counted, not kept.
package inspect

import (
	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

// Report is what a stream holds. Its elements follow each other without gaps:
// the first begins at 0, the last ends at Size.
type Report struct {
	Size          int64 // bytes of the stream that were read
	Configuration *Configuration
	Elements      []Element
	RAM           *RAM         // nil for a stream without RAM
	Description   *Description // nil for a stream without description
}

// Configuration is what a stream says of its machine.
type Configuration struct {
	Machine      string
	PageBits     uint32 // 0 where it is the target's minimum
	Capabilities []string
	UUID         []byte // 16 bytes, or nil
}

// Kind is what an element is.
type Kind string

// The kinds of elements.
const (
	KindHeader        Kind = "header"
	KindConfiguration Kind = "configuration"
	KindStart         Kind = "start"
	KindPart          Kind = "part"
	KindEnd           Kind = "end"
	KindFull          Kind = "full"
	KindCommand       Kind = "command"
	KindPackage       Kind = "package" // the bytes behind the command PACKAGED
	KindEOF           Kind = "eof"
	KindDescription   Kind = "vmdescription"
)

// Element is one element of the stream. Offsets are those of the stream, also
// inside a package.
type Element struct {
	Kind           Kind
	Offset, Length int64

	// Section is set for the kinds start, part, end and full.
	Section *Section
	// BodyOffset and BodyLength are the body of a section, without header and footer.
	BodyOffset, BodyLength int64
	// Parts is how many PART sections this element stands for. It is 1 but for
	// streams with very many of them.
	Parts int
	// Pages are those of a section of RAM.
	Pages Pages
	// Device has the fields of a full section; nil where no description tells them.
	Device *vmstate.Node
	// Body is the body of a full section.
	Body []byte

	// Command and Payload are set for commands.
	Command wire.CommandCode
	Payload []byte
	// Package are the elements inside a package.
	Package []Element
}

// Section is what a section says of itself; PART and END have it from their START.
type Section struct {
	ID       uint32
	Name     string
	Instance uint32
	Version  uint32

	half bool // a START section whose FULL section, with the same id, may still come
}

// RAM is the memory that a stream announces.
type RAM struct {
	Total  uint64 // bytes, as announced
	Blocks []Block
	Pages  Pages // of all blocks
}

// Block is one RAM block.
type Block struct {
	Name     string
	Used     uint64 // bytes
	PageSize uint64 // of the host, where it is told, else 0
	GPA      uint64 // where HasGPA
	HasGPA   bool
	// PagesOffset is where in its file the pages are, with mapped-ram: each has
	// its place, and Start counts those that are there.
	PagesOffset uint64
	// Start, Part and End count the records by the kind of section they came in.
	Start, Part, End Pages
}

// Pages counts records by how a page came. A page that came twice counts twice.
type Pages struct {
	Normal     uint64 // in full
	Zero       uint64 // as a mark
	XBZRLE     uint64 // as what changed
	Compressed uint64 // by zlib
}

// All is the number of all records.
func (p *Pages) All() uint64 { return p.Normal + p.Zero + p.XBZRLE + p.Compressed }

func (p *Pages) add(o *Pages) {
	p.Normal += o.Normal
	p.Zero += o.Zero
	p.XBZRLE += o.XBZRLE
	p.Compressed += o.Compressed
}

// Pages are those of the block.
func (b *Block) Pages() Pages {
	p := b.Start
	p.add(&b.Part)
	p.add(&b.End)
	return p
}

// Description is the description of the devices.
type Description struct {
	PageSize int64 // of the guest, in bytes
	Devices  int
}
