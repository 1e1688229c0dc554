package inspect

import (
	"errors"
	"fmt"

	"qmpmigrate/core/wire"
)

// ramReader follows the records of the ram section. What it remembers holds
// over sections.
type ramReader struct {
	pageSizes uint64 // of all blocks together, told by ADVISE; 0 without it
	blocks    map[string]*Block
	last      *Block // of the last page record
	begin     uint64 // where in its file the stream begins, with mapped-ram
}

func (m *ramReader) body(in *input, e *Element) error {
	if e.Section.Version != wire.RAMVersion {
		return fmt.Errorf("version %d instead of %d", e.Section.Version, wire.RAMVersion)
	}
	for {
		addr, flags := wire.SplitRAM(in.r.U64())
		if err := in.r.Err(); err != nil {
			return err
		}
		var err error
		switch flags &^ wire.RAMContinue {
		case wire.RAMEOS:
			if flags == wire.RAMEOS {
				return nil
			}
			err = badFlags(flags)
		case wire.RAMMemSize:
			err = m.setup(in, e, addr, flags)
		case wire.RAMPage, wire.RAMZero, wire.RAMXBZRLE, wire.RAMCompressPage:
			err = m.page(in, e, addr, flags)
		case wire.RAMHook, wire.RAMMultiFDFlush:
		default:
			err = badFlags(flags)
		}
		if err != nil {
			return err
		}
	}
}

func badFlags(flags wire.RAMFlags) error {
	return fmt.Errorf("Unknown combination of migration flags: 0x%x", uint64(flags))
}

// page reads one page record behind its word.
func (m *ramReader) page(in *input, e *Element, addr uint64, flags wire.RAMFlags) error {
	if flags&wire.RAMContinue == 0 {
		name := in.r.CountedString()
		if err := in.r.Err(); err != nil {
			return err
		}
		if m.last = m.blocks[name]; m.last == nil {
			return fmt.Errorf("Can't find block %s", name)
		}
	}
	b := m.last
	if b == nil {
		return errors.New("Ack, bad migration stream!")
	}
	if addr >= b.Used {
		return fmt.Errorf("Illegal RAM offset %x in block %s", addr, b.Name)
	}
	var p Pages
	switch flags &^ wire.RAMContinue {
	case wire.RAMPage:
		p.Normal = 1
		in.r.Skip(wire.PageSize)
	case wire.RAMZero:
		p.Zero = 1
		in.r.U8() // QEMU 7.2 and before fill with any value
	case wire.RAMXBZRLE:
		p.XBZRLE = 1
		if encoding := in.r.U8(); in.r.Err() == nil && encoding != 1 {
			return fmt.Errorf("Failed to load XBZRLE page - wrong compression! %d", encoding)
		}
		if err := skipCoded(in, uint32(in.r.U16()), wire.PageSize); err != nil {
			return err
		}
	case wire.RAMCompressPage:
		p.Compressed = 1
		if err := skipCoded(in, in.r.U32(), wire.MaxCompressed); err != nil {
			return err
		}
	}
	m.count(in, e, b, &p)
	return in.r.Err()
}

func skipCoded(in *input, size, limit uint32) error {
	if size > limit {
		return fmt.Errorf("Invalid compressed data length: %d", size)
	}
	in.r.Skip(int64(size))
	return nil
}

func (m *ramReader) count(in *input, e *Element, b *Block, p *Pages) {
	if in.r.Err() != nil {
		return
	}
	e.Pages.add(p)
	in.report.RAM.Pages.add(p)
	switch e.Kind {
	case KindStart:
		b.Start.add(p)
	case KindPart:
		b.Part.add(p)
	default:
		b.End.add(p)
	}
}
