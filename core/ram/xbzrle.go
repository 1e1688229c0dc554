package ram

import (
	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
	"qmpmigrate/core/xbzrle"
)

// xbzrleWay is the way of pages as what differs from what went before. After a
// first pass like that of plain a cache has pages as they were last sent, so
// that what the destination has is what the cache has.
//
// The guest writes all the time, so each page is copied once: into the cache,
// from where it goes out, or where it is compared.
type xbzrleWay struct {
	saver *Saver
	cache *xbzrle.Cache
	base  map[*outBlock]uint64 // where a block begins in the numbers of all pages

	started bool   // the first pass is over
	asked   uint64 // the size of the cache that was asked for
	syncs   uint64 // how often the log had been read when pages were last sent

	now, encoded [memory.PageSize]byte
	rates        xbzrleRates
}

func newXBZRLE(s *Saver) *xbzrleWay {
	x := &xbzrleWay{saver: s, base: map[*outBlock]uint64{}}
	next := uint64(0)
	for _, b := range s.blocks {
		x.base[b] = next
		next += b.Pages()
	}
	return x
}

// begin makes the cache.
func (x *xbzrleWay) begin() (err error) {
	x.asked = x.saver.options.XBZRLE()
	if x.cache, err = xbzrle.NewCache(x.asked); err == nil {
		x.saver.trace.cache.Tell(trace.Uint("max_num_items", x.cache.Size()/memory.PageSize))
	}
	return err
}

func (x *xbzrleWay) listed(*stream.Writer, *memory.Block) {}
func (x *xbzrleWay) body(*stream.Writer, body)            {}

func (x *xbzrleWay) close() {
	if x.cache != nil {
		x.cache.Close()
	}
}

func (x *xbzrleWay) pass(*stream.Writer) { x.started = true }

// pages sends pages. The writer may refer to pages of the cache until its next
// flush: between two looks at the log none of them changes, as no page is sent
// twice and none that was sent gives way to another.
func (x *xbzrleWay) pages(w *stream.Writer, b *outBlock, first, count uint64) {
	if !x.started {
		x.saver.sendPages(w, &x.saver.main, b, first, count)
		return
	}
	if syncs := x.saver.stats.Syncs.Load(); syncs != x.syncs {
		w.Flush()
		x.syncs = syncs
	}
	x.resize(w)
	base := x.base[b]
	for p := first; p < first+count; p++ {
		x.page(w, b, p, base+p)
	}
}

// page sends page p of b, which has that number among all pages.
func (x *xbzrleWay) page(w *stream.Writer, b *outBlock, p, number uint64) {
	s := x.saver
	page, zero := s.look(b, p)
	if zero {
		s.main.header(w, b, p, wire.RAMZero)
		w.U8(0)
		s.stats.Zero.Add(1)
		if kept := x.cache.Insert(number, x.syncs); kept != nil {
			clear(kept)
		}
		return
	}
	if s.trace.page.On() {
		s.trace.full(b, p)
	}
	kept := x.cache.Lookup(number, x.syncs)
	if kept == nil {
		s.stats.XBZRLE.Misses.Add(1)
		if !s.last {
			kept = x.cache.Insert(number, x.syncs)
		}
		x.full(w, b, p, page, kept)
		return
	}
	s.stats.XBZRLE.Pages.Add(1)
	copy(x.now[:], page)
	n, ok := xbzrle.Encode(x.encoded[:], kept, x.now[:])
	switch {
	case !ok:
		s.trace.overflows.Tell()
		s.stats.XBZRLE.Overflows.Add(1)
		s.stats.XBZRLE.Bytes.Add(memory.PageSize)
		if s.last {
			x.full(w, b, p, page, nil)
		} else {
			x.full(w, b, p, x.now[:], kept)
		}
	case n == 0:
		s.trace.skips.Tell()
		x.rates.same++
	default:
		x.difference(w, b, p, x.encoded[:n])
		if !s.last {
			xbzrle.Decode(kept, x.encoded[:n])
		}
	}
}

// full sends a page as a whole. Where the cache keeps it, kept, what goes out
// is what is kept there; otherwise it stays as it is until the next flush, or
// is sent again.
func (x *xbzrleWay) full(w *stream.Writer, b *outBlock, p uint64, page, kept []byte) {
	x.saver.main.header(w, b, p, wire.RAMPage)
	if kept != nil {
		copy(kept, page)
		page = kept
	}
	w.Ref(page)
	x.saver.stats.Normal.Add(1)
}

func (x *xbzrleWay) difference(w *stream.Writer, b *outBlock, p uint64, encoded []byte) {
	before := w.Offset()
	x.saver.main.header(w, b, p, wire.RAMXBZRLE)
	w.U8(wire.XBZRLEEncoding)
	w.U16(uint16(len(encoded)))
	w.Write(encoded)
	// QEMU does not count the word.
	x.saver.stats.XBZRLE.Bytes.Add(uint64(w.Offset()-before) - wire.RAMHeaderSize)
}
