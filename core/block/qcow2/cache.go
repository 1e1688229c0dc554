package qcow2

import (
	"encoding/binary"

	"qmpmigrate/core/block"
)

// table is a cluster of numbers that is kept in memory.
type table struct {
	at         int64 // where it is in the file
	data       []byte
	dirty      bool
	prev, next *table
}

func (t *table) entry(i int64) uint64 { return binary.BigEndian.Uint64(t.data[i*8:]) }

func (t *table) setEntry(i int64, e uint64) {
	binary.BigEndian.PutUint64(t.data[i*8:], e)
	t.dirty = true
}

// cache keeps the tables that were used last. A table stays valid until
// cacheTables-1 others were asked for.
type cache struct {
	s      block.Storage
	size   int64 // of a table
	limit  int   // tables
	tables map[int64]*table
	// use is the ring of all: use.next was used last, use.prev longest ago.
	use table
	// flush writes what has to be written before a dirty table may go.
	flush func() error
}

func newCache(s block.Storage, size int64, flush func() error) *cache {
	c := &cache{s: s, size: size, limit: max(int(cacheBytes/size), cacheTables), tables: map[int64]*table{}, flush: flush}
	c.use.prev, c.use.next = &c.use, &c.use
	return c
}

// get gives the table at a place of the file.
func (c *cache) get(at int64) (*table, error) {
	if t := c.tables[at]; t != nil {
		t.unlink()
		c.link(t)
		return t, nil
	}
	t, err := c.room()
	if err != nil {
		return nil, err
	}
	if _, err := c.s.ReadAt(t.data, at); err != nil {
		return nil, err
	}
	c.put(t, at)
	return t, nil
}

// fresh gives a table of zeros for a place that was just allocated.
func (c *cache) fresh(at int64) (*table, error) {
	c.drop(at)
	t, err := c.room()
	if err != nil {
		return nil, err
	}
	clear(t.data)
	t.dirty = true
	c.put(t, at)
	return t, nil
}

// drop forgets a table whose place is no longer one.
func (c *cache) drop(at int64) {
	if t := c.tables[at]; t != nil {
		t.unlink()
		delete(c.tables, at)
	}
}

// write writes all dirty tables.
func (c *cache) write() error {
	for t := c.use.prev; t != &c.use; t = t.prev {
		if !t.dirty {
			continue
		}
		if _, err := c.s.WriteAt(t.data, t.at); err != nil {
			return err
		}
		t.dirty = false
	}
	return nil
}

func (c *cache) dirty() bool {
	for t := c.use.next; t != &c.use; t = t.next {
		if t.dirty {
			return true
		}
	}
	return false
}

// room gives a table that is in no use.
func (c *cache) room() (*table, error) {
	if len(c.tables) < c.limit {
		return &table{data: make([]byte, c.size)}, nil
	}
	oldest := c.use.prev
	if oldest.dirty {
		if err := c.flush(); err != nil {
			return nil, err
		}
	}
	oldest.unlink()
	delete(c.tables, oldest.at)
	oldest.dirty = false
	return oldest, nil
}

func (c *cache) put(t *table, at int64) {
	t.at = at
	c.tables[at] = t
	c.link(t)
}

func (c *cache) link(t *table) {
	t.prev, t.next = &c.use, c.use.next
	t.prev.next, t.next.prev = t, t
}

func (t *table) unlink() { t.prev.next, t.next.prev = t.next, t.prev }
