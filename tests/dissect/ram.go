package dissect

import "fmt"

// Flags of RAM records, in the low bits of a page's offset.
const (
	flagZero     = 0x02
	flagSize     = 0x04
	flagPage     = 0x08
	flagEnd      = 0x10
	flagContinue = 0x20

	pageSize = 4096
)

// readRAM reads the records of one RAM section up to and with the end mark.
func (s *Stream) readRAM(c *cursor) error {
	for {
		at := c.at
		head := c.u64()
		flags := head % pageSize
		if flags&(flagZero|flagPage) != 0 && flags&flagContinue == 0 {
			c.text()
		}
		switch flags &^ flagContinue {
		case flagEnd:
			return nil
		case flagSize:
			for total := head - flags; total > 0; {
				block := Block{Name: c.text(), Size: c.u64()}
				if block.Size > total {
					return fmt.Errorf("block %s at %#x is larger than what was announced", block.Name, at)
				}
				s.Blocks = append(s.Blocks, block)
				total -= block.Size
			}
		case flagZero:
			c.u8()
			s.ZeroPages++
		case flagPage:
			c.bytes(pageSize)
			s.Pages++
		default:
			return fmt.Errorf("RAM record with flags %#x at %#x", flags, at)
		}
	}
}
