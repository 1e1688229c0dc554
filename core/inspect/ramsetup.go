package inspect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"qmpmigrate/core/wire"
)

// Capabilities that change the list of blocks.
const (
	ignoreShared = "x-ignore-shared"
	mappedRAM    = "mapped-ram"
)

// setup reads the list of blocks, whose lengths add up to total.
func (m *ramReader) setup(in *input, e *Element, total uint64, flags wire.RAMFlags) error {
	switch {
	case flags != wire.RAMMemSize:
		return badFlags(flags)
	case e.Kind != KindStart || in.report.RAM != nil:
		return errors.New("a second list of RAM blocks")
	}
	ram := &RAM{Total: total}
	in.report.RAM = ram
	for total > 0 {
		if len(ram.Blocks) == maxBlocks {
			return fmt.Errorf("more than %d RAM blocks", maxBlocks)
		}
		b, err := m.block(in)
		if err != nil {
			return err
		}
		if b.Used > total {
			return fmt.Errorf("RAM block %s has 0x%x bytes, 0x%x are left of the total", b.Name, b.Used, total)
		}
		total -= b.Used
		ram.Blocks = append(ram.Blocks, b)
		e.Pages.add(&b.Start)
		ram.Pages.add(&b.Start)
	}
	m.blocks = make(map[string]*Block, len(ram.Blocks))
	for i := range ram.Blocks {
		m.blocks[ram.Blocks[i].Name] = &ram.Blocks[i]
	}
	return nil
}

// block reads one entry of the list. The stream does not say whether a block
// has a page size behind its length: it does where pages are not the usual
// ones. Whatever else can stand there is no page size: a counted name begins
// with a length other than 0, and the words of records are smaller.
func (m *ramReader) block(in *input) (Block, error) {
	b := Block{Name: in.r.CountedString(), Used: in.r.U64()}
	if b.Used%wire.PageSize != 0 {
		return b, fmt.Errorf("RAM block %s has a length of 0x%x bytes", b.Name, b.Used)
	}
	if huge := m.pageSizes &^ wire.PageSize; huge != 0 {
		next, err := in.r.Peek(8)
		if err != nil {
			return b, err
		}
		if size := binary.BigEndian.Uint64(next); size != 0 && size&(size-1) == 0 && size&huge != 0 {
			b.PageSize = in.r.U64()
		}
	}
	if slices.Contains(in.report.Configuration.Capabilities, ignoreShared) {
		b.GPA, b.HasGPA = in.r.U64(), true
	}
	if slices.Contains(in.report.Configuration.Capabilities, mappedRAM) {
		return b, m.mapped(in, &b)
	}
	return b, in.r.Err()
}
