package ram

import (
	"sync"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// compressWay is the way of pages that are compressed one by one, as QEMU did
// up to 9.0. The first page of a block that follows another goes in full, and
// names it. Where xbzrle is wanted as well, it takes over after the first pass.
type compressWay struct {
	saver *Saver
	then  *xbzrleWay // nil: none

	// work goes to whoever is free. under holds the pages that were given
	// away, in their order, and idle is what they can be given away in.
	work        chan *deflation
	under, idle []*deflation
	running     sync.WaitGroup
}

func newCompress(s *Saver) *compressWay {
	c := &compressWay{saver: s}
	if s.options.XBZRLE != nil {
		c.then = newXBZRLE(s)
	}
	return c
}

func (c *compressWay) begin() error {
	const each = 4 // pages that wait for, or are with, each goroutine
	threads := max(c.saver.options.Compress.Threads, 1)
	c.work = make(chan *deflation, each*threads)
	for range cap(c.work) {
		c.idle = append(c.idle, &deflation{done: make(chan struct{}, 1)})
	}
	for range threads {
		deflater, err := newDeflater(c.saver.options.Compress.Level)
		if err != nil {
			return err
		}
		c.running.Go(func() { deflater.run(c.work) })
	}
	if c.then != nil {
		return c.then.begin()
	}
	return nil
}

func (c *compressWay) close() {
	if c.work != nil {
		close(c.work)
		c.running.Wait()
	}
	if c.then != nil {
		c.then.close()
	}
}

func (c *compressWay) listed(*stream.Writer, *memory.Block) {}

func (c *compressWay) pass(w *stream.Writer) {
	c.flush(w)
	if c.then != nil {
		c.then.pass(w)
	}
}

func (c *compressWay) body(w *stream.Writer, _ body) { c.flush(w) }

func (c *compressWay) period() {
	if c.then != nil {
		c.then.period()
	}
}

func (c *compressWay) pages(w *stream.Writer, b *outBlock, first, count uint64) {
	if c.then != nil && c.then.started {
		c.then.pages(w, b, first, count)
		return
	}
	if c.saver.main.last != b {
		c.flush(w)
		c.saver.sendPages(w, &c.saver.main, b, first, 1)
		first, count = first+1, count-1
	}
	for p := first; p < first+count; p++ {
		page, zero := c.saver.look(b, p)
		if zero {
			c.saver.main.header(w, b, p, wire.RAMZero)
			w.U8(0)
			c.saver.stats.Zero.Add(1)
			continue
		}
		if len(c.idle) == 0 {
			c.first(w)
		}
		d := c.idle[len(c.idle)-1]
		c.idle = c.idle[:len(c.idle)-1]
		d.block, d.number = b, p
		// The guest may write to the page: what is compressed, and what its
		// checksum is of, are to be the same.
		copy(d.page[:], page)
		c.under = append(c.under, d)
		c.work <- d
	}
}

// flush puts all pages that are under way.
func (c *compressWay) flush(w *stream.Writer) {
	for len(c.under) > 0 {
		c.first(w)
	}
}

// first waits for the page that is under way longest, and puts its record. One
// that does not get any smaller goes in full.
func (c *compressWay) first(w *stream.Writer) {
	d := c.under[0]
	c.under = append(c.under[:0], c.under[1:]...)
	<-d.done
	if data := d.data.bytes; len(data) < memory.PageSize {
		c.saver.main.header(w, d.block, d.number, wire.RAMCompressPage)
		w.U32(uint32(len(data)))
		w.Write(data)
	} else {
		c.saver.main.header(w, d.block, d.number, wire.RAMPage)
		w.Write(d.page[:])
	}
	c.saver.stats.Normal.Add(1)
	c.idle = append(c.idle, d)
}
