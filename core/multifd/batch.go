package multifd

import "qmpmigrate/core/memory"

// Batch is the pages that travel together on a lane: all of one block, none
// twice.
type Batch struct {
	Block *memory.Block
	count int
	pages [PacketPages]uint64
}

// Pages are the numbers of the pages in their block.
func (b *Batch) Pages() []uint64 { return b.pages[:b.count] }

// add takes as many pages of block from first on as fit: none where the pages
// that are there already are of another.
func (b *Batch) add(block *memory.Block, first, count uint64) (added uint64) {
	if b.count > 0 && b.Block != block {
		return 0
	}
	b.Block = block
	count = min(count, uint64(PacketPages-b.count))
	for i := range count {
		b.pages[b.count] = first + i
		b.count++
	}
	return count
}

func (b *Batch) empty() { b.Block, b.count = nil, 0 }
