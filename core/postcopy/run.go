package postcopy

import (
	"encoding/binary"
	"fmt"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/wire"
)

// longestRun bounds how many pages are placed with one call, which costs a third less for each than a call of its own:
// whoever waits for one of them goes on when all are there. More than so many gain nothing.
const longestRun = 16

// run is how many of the records at the beginning of buf are pages of b, from first on, that are to be placed
// at once. The last of them names b only as the block of the one before.
func (b *block) run(buf []byte) (first, pages uint64) {
	limit := uint64(1)
	if b.Guard() != nil {
		limit = longestRun
	}
	for ; pages < limit && len(buf) >= wire.RAMPageSize; pages++ {
		addr, flags := wire.SplitRAM(binary.BigEndian.Uint64(buf))
		page := addr / memory.PageSize
		switch {
		case flags != wire.RAMPage|wire.RAMContinue || addr >= b.Size():
			return first, pages
		case pages == 0:
			first = page
		case page != first+pages || !b.lacks(first) || !b.lacks(page):
			return first, pages
		}
		buf = buf[wire.RAMPageSize:]
	}
	return first, pages
}

func (b *block) lacks(page uint64) bool { return b.absent != nil && b.absent.Get(page) }

// join moves the pages of so many records at the beginning of buf together.
func join(buf []byte, records uint64) []byte {
	data := buf[wire.RAMHeaderSize:]
	for i := uint64(1); i < records; i++ {
		copy(data[i*memory.PageSize:], data[i*wire.RAMPageSize:][:memory.PageSize])
	}
	return data[:records*memory.PageSize]
}

// placeRun is place for pages of a block with a Guard, all of which were absent a moment ago. One that comes on another
// channel meanwhile is the Guard's to leave as it is.
func (b *block) placeRun(first uint64, data []byte) error {
	if err := b.Guard().Place(first, data); err != nil {
		return fmt.Errorf("postcopy_place_page: %w", err)
	}
	pages := uint64(len(data)) / memory.PageSize
	b.Populate(first, pages)
	b.arrived(first, pages)
	for page := first; page < first+pages; page++ {
		b.places(b.all.points.placed, page)
	}
	return nil
}
