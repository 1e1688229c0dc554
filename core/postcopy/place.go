package postcopy

import (
	"fmt"

	"qmpmigrate/core/memory"
)

// place puts a host page where it belongs, unless it is there: whoever runs may
// have written to it since.
func (b *block) place(host uint64, data []byte) error {
	if b.absent == nil {
		return nil
	}
	lock := &b.placing[host%stripes]
	lock.Lock()
	defer lock.Unlock()
	if !b.absent.Get(host) {
		return nil
	}
	first := host * (b.host / memory.PageSize)
	if g := b.Guard(); g != nil {
		if err := g.Place(first, data); err != nil {
			return fmt.Errorf("postcopy_place_page: %w", err)
		}
	} else {
		copy(b.Bytes()[host*b.host:], data)
	}
	b.Populate(first, b.host/memory.PageSize)
	b.arrived(host, 1)
	b.places(b.all.points.placed, host)
	return nil
}

// placeZero is place for a host page of zeros. It reads so already: it was
// discarded, and nobody writes to what is absent.
func (b *block) placeZero(host uint64) error {
	if b.absent == nil {
		return nil
	}
	lock := &b.placing[host%stripes]
	lock.Lock()
	defer lock.Unlock()
	if !b.absent.Get(host) {
		return nil
	}
	pages := b.host / memory.PageSize
	if g := b.Guard(); g != nil {
		if err := g.PlaceZero(host*pages, pages); err != nil {
			return fmt.Errorf("postcopy_place_page_zero: %w", err)
		}
	}
	b.arrived(host, 1)
	b.places(b.all.points.placedZero, host)
	return nil
}

// part is a host page of which only some target pages have come.
type part struct {
	block *block
	page  uint64 // host page
	count uint64 // of target pages that have come
	data  []byte
	used  bool // data has come, besides zeros
}

// put adds a target page to the host page that it is a part of; nil is zeros.
// The page is placed once all of it is there: its parts come one after the other.
func (c *Channel) put(b *block, addr uint64, data []byte) error {
	p := &c.part
	host := addr / b.host
	if p.count == 0 {
		p.block, p.page = b, host
		if uint64(len(p.data)) < b.host {
			p.data = make([]byte, b.host)
		}
	} else if p.block != b || p.page != host {
		return fmt.Errorf("Non-same host page detected on channel %d: Target host page 0x%x, received host page 0x%x "+
			"(rb %s offset 0x%x target_pages %d)", c.number, p.page*p.block.host, host*b.host, b.Name(), addr, p.count+1)
	}
	target := p.data[addr%b.host:][:memory.PageSize]
	if data == nil {
		clear(target)
	} else {
		copy(target, data)
		p.used = true
	}
	p.count++
	if p.count < b.host/memory.PageSize {
		return nil
	}
	used := p.used
	c.Reset()
	if !used {
		return b.placeZero(host)
	}
	return b.place(host, p.data[:b.host])
}

// Reset forgets a host page of which only a part has come.
func (c *Channel) Reset() { c.part.block, c.part.count, c.part.used = nil, 0, false }
