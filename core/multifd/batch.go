package multifd

import "qmpmigrate/core/memory"

// Batch is the pages that travel together on a lane, in one packet or in some:
// all of one block, none twice. A run of pages is parted where huge pages are,
// so that of two lanes no one waits at its destination for the huge page that
// the other has asked for.
type Batch struct {
	Block *memory.Block
	count int
	pages [batchPages]uint64
}

// batchPages is how many pages a batch holds at most: a huge page's.
const batchPages = memory.HugePage / memory.PageSize

// Pages are the numbers of the pages in their block.
func (b *Batch) Pages() []uint64 { return b.pages[:b.count] }

// add takes as many pages of block from first on as fit: none where the pages
// that are there already are of another. full says that others belong elsewhere.
func (b *Batch) add(block *memory.Block, first, count uint64) (added uint64, full bool) {
	if b.count > 0 && b.Block != block {
		return 0, true
	}
	b.Block = block
	added = min(count, batchPages-first%batchPages, uint64(batchPages-b.count))
	for i := range added {
		b.pages[b.count] = first + i
		b.count++
	}
	atEnd := (first+added)%batchPages == 0
	return added, b.count == batchPages || atEnd && b.count >= PacketPages
}

func (b *Batch) empty() { b.Block, b.count = nil, 0 }
