package colo

import (
	"fmt"

	"qmpmigrate/core/memory"
)

// Cache is a secondary's copy of its primary's memory as it was at the last
// checkpoint, and where the pages of the next one come together: none of them
// reaches the memory of the VM, which runs meanwhile, before all are there. It
// costs as much memory as the VM has, but for pages that are zero.
type Cache struct {
	pairs []pair
}

// pair is a block of the VM and its copy.
type pair struct {
	guest, copy *memory.Block
	due         *memory.Bitmap // pages that may differ
}

// NewCache copies blocks, in which nobody writes meanwhile.
func NewCache(blocks []*memory.Block) (*Cache, error) {
	c := &Cache{}
	for _, b := range blocks {
		shadow, err := memory.New(b.Name(), b.Size())
		if err != nil {
			c.Close()
			return nil, fmt.Errorf("COLO: Can't alloc memory for COLO cache of block %s,size 0x%x: %w", b.Name(), b.Size(), err)
		}
		p := pair{guest: b, copy: shadow, due: memory.NewBitmap(b.Pages())}
		c.pairs = append(c.pairs, p)
		b.Refresh()
		for n := range b.Pages() {
			if !b.IsZero(n) {
				copy(shadow.Page(n), b.Page(n))
				shadow.Populate(n, 1)
			}
		}
		shadow.LogLoads()
	}
	return c, nil
}

// Copy is where the pages of a block go from now on.
func (c *Cache) Copy(of *memory.Block) *memory.Block {
	for i := range c.pairs {
		if c.pairs[i].guest == of {
			return c.pairs[i].copy
		}
	}
	return of
}

// Watch begins to log what the VM itself writes, which goes with the next
// checkpoint.
func (c *Cache) Watch() {
	for i := range c.pairs {
		c.pairs[i].guest.StartLog()
	}
}

// Due looks for pages that may differ, and gives how many there are. The VM stands.
func (c *Cache) Due() (pages uint64) {
	for i := range c.pairs {
		c.pairs[i].sync()
		pages += c.pairs[i].due.Count()
	}
	return pages
}

// Flush makes the VM's memory that of its primary: pages that came, and those
// that the VM has written itself since the last time. The VM stands. It gives
// how many pages that were.
func (c *Cache) Flush() (pages uint64) {
	for i := range c.pairs {
		pages += c.pairs[i].flush()
	}
	return pages
}

func (p *pair) sync() {
	p.guest.SyncLog(p.due)
	p.copy.SyncLog(p.due)
}

func (p *pair) flush() (pages uint64) {
	p.sync()
	for at := uint64(0); ; {
		first, count := p.due.NextRun(at, p.due.Pages())
		if count == 0 {
			return pages
		}
		p.due.ClearRange(first, count)
		pages += count
		at = first + count
		for n := first; n < at; n++ {
			if !p.copy.Populated(n) {
				p.guest.Clear(n)
				continue
			}
			copy(p.guest.Page(n), p.copy.Page(n))
			p.guest.Populate(n, 1)
		}
	}
}

// Close ends the log and gives the copy's memory back.
func (c *Cache) Close() {
	for i := range c.pairs {
		c.pairs[i].guest.StopLog()
		// Only a mapping of its own is given back, which cannot fail.
		_ = c.pairs[i].copy.Close()
	}
	c.pairs = nil
}
