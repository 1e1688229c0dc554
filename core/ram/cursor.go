package ram

import (
	"errors"
	"fmt"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Cursor finds the pages that the records of one channel are about: most name
// only the page, and mean the block of the record before.
type Cursor struct {
	blocks map[string]*memory.Block
	last   *memory.Block // the block that the last page record named
	// named are the blocks that any record named; nil where nobody asks.
	named map[*memory.Block]bool
}

// Fresh is a cursor over the same blocks for another channel, whose first
// record names its block.
func (c *Cursor) Fresh() Cursor { return Cursor{blocks: c.blocks} }

// Last is the block of the record before, nil where there was none.
func (c *Cursor) Last() *memory.Block { return c.last }

// Place takes the rest of a page record's head and finds the block that it is
// about. addr is inside of the block.
func (c *Cursor) Place(r *stream.Reader, addr uint64, flags wire.RAMFlags) (*memory.Block, error) {
	if flags&wire.RAMContinue == 0 {
		name := r.CountedString()
		if r.Err() != nil {
			return nil, stream.EIO(r.Err())
		}
		b, ok := c.blocks[name]
		if !ok {
			return nil, fmt.Errorf("Can't find block %s", name)
		}
		c.last = b
		if c.named != nil {
			c.named[b] = true
		}
	}
	if c.last == nil {
		return nil, errors.New("Ack, bad migration stream!")
	}
	if addr >= c.last.Size() {
		return nil, fmt.Errorf("Illegal RAM offset %x", addr)
	}
	return c.last, nil
}
