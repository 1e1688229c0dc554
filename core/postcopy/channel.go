package postcopy

import (
	"fmt"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Channel takes the records of one channel in: of ram sections on the main
// channel. It belongs to one goroutine; several channels may place pages at once.
type Channel struct {
	memory *Memory
	number int
	cursor ram.Cursor
	stats  *ram.Stats
	last   *block
	part   part
	ahead  ahead
	// inflater makes pages of those that come compressed.
	inflater ram.Inflater
	inflated [memory.PageSize]byte
}

// Channel makes the channel with that number; cursor is where its records go on.
func (m *Memory) Channel(number int, cursor ram.Cursor, stats *ram.Stats) *Channel {
	return &Channel{memory: m, number: number, cursor: cursor, stats: stats}
}

// Load is that of a ram section: it reads one body up to and with its EOS record.
func (c *Channel) Load(r *stream.Reader, _ uint32) error {
	for {
		if err := c.fast(r); err != nil {
			return err
		}
		word := r.U64()
		if r.Err() != nil {
			return stream.EIO(r.Err())
		}
		addr, flags := wire.SplitRAM(word)
		if flags == wire.RAMEOS {
			return nil
		}
		if err := c.record(r, addr, flags); err != nil {
			return err
		}
	}
}

// fast takes whole pages of the same block as before that are in the reader's buffer.
// Where each is told of, record takes them all.
func (c *Channel) fast(r *stream.Reader) error {
	b := c.last
	if b == nil || b.host != memory.PageSize || c.memory.points.record.On() {
		return nil
	}
	var pages uint64
	defer func() { c.stats.Normal.Add(pages) }()
	for {
		buf := r.Buffered()
		first, run := b.run(buf)
		if run == 0 {
			return nil
		}
		c.ahead.expect(b, first)
		var err error
		if data := join(buf, run); run == 1 {
			err = b.place(first, data)
		} else {
			err = b.placeRun(first, data)
		}
		if err != nil {
			return err
		}
		r.Advance(int(run) * wire.RAMPageSize)
		pages += run
	}
}

func (c *Channel) record(r *stream.Reader, addr uint64, flags wire.RAMFlags) error {
	c.memory.points.comes(c.number, addr, flags)
	kind := flags &^ wire.RAMContinue
	if kind != wire.RAMPage && kind != wire.RAMZero && kind != wire.RAMCompressPage {
		return fmt.Errorf("Unknown combination of migration flags: 0x%x (postcopy mode)", uint64(flags))
	}
	at, err := c.cursor.Place(r, addr, flags)
	if err != nil {
		return err
	}
	b := c.find(at)
	if kind == wire.RAMZero {
		if fill := r.U8(); fill != 0 {
			return fmt.Errorf("Found a zero page with value %d", fill)
		}
		if r.Err() != nil {
			return stream.EIO(r.Err())
		}
		c.stats.Zero.Add(1)
		c.ahead.zero()
		if b.host == memory.PageSize {
			return b.placeZero(addr / memory.PageSize)
		}
		return c.put(b, addr, nil)
	}
	c.ahead.expect(b, addr/memory.PageSize)
	page, size, err := c.page(r, kind)
	if err != nil {
		return err
	}
	if b.host == memory.PageSize {
		err = b.place(addr/memory.PageSize, page)
	} else {
		err = c.put(b, addr, page)
	}
	r.Advance(size)
	c.stats.Normal.Add(1)
	return err
}

// page gives the page of a record, and how many bytes of the reader's buffer
// it came in.
func (c *Channel) page(r *stream.Reader, kind wire.RAMFlags) (page []byte, size int, err error) {
	size = memory.PageSize
	if kind == wire.RAMCompressPage {
		if size, err = ram.CompressedSize(r); err != nil {
			return nil, 0, err
		}
	}
	data, err := r.Peek(size)
	if err != nil {
		return nil, 0, stream.EIO(err)
	}
	if kind == wire.RAMPage {
		return data, size, nil
	}
	return c.inflated[:], size, c.inflater.Inflate(c.inflated[:], data)
}

// find gives what is known of a block.
func (c *Channel) find(at *memory.Block) *block {
	if c.last == nil || c.last.Block != at {
		for _, b := range c.memory.blocks {
			if b.Block == at {
				c.last = b
			}
		}
	}
	return c.last
}
