package ram

import (
	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

var zeroPage [memory.PageSize]byte

// plain is the way of all pages in full, as records of the main channel.
type plain struct{ saver *Saver }

func (p *plain) listed(*stream.Writer, *memory.Block) {}
func (p *plain) pass(*stream.Writer)                  {}
func (p *plain) body(*stream.Writer, body)            {}
func (p *plain) close()                               {}

func (p *plain) pages(w *stream.Writer, b *outBlock, first, count uint64) {
	p.saver.sendPages(w, &p.saver.main, b, first, count)
}

func (s *Saver) sendPages(w *stream.Writer, l *lane, b *outBlock, first, count uint64) {
	var zero uint64
	tells := s.trace.page.On()
	for p := first; p < first+count; p++ {
		page, isZero := s.look(b, p)
		if isZero {
			l.header(w, b, p, wire.RAMZero)
			w.U8(0)
			zero++
			continue
		}
		if tells {
			s.trace.full(b, p)
		}
		l.header(w, b, p, wire.RAMPage)
		w.Ref(page)
	}
	s.stats.Zero.Add(zero)
	s.stats.Normal.Add(count - zero)
}

// look gives a page, and whether it may go as zeros. A page that was never
// written is zero; reading it would only make the kernel map it.
func (s *Saver) look(b *outBlock, p uint64) (page []byte, zero bool) {
	if !b.Populated(p) {
		return zeroPage[:], !s.options.KeepZeros
	}
	page = b.Page(p)
	return page, !s.options.KeepZeros && memory.IsZero(page)
}

func (l *lane) header(w *stream.Writer, b *outBlock, page uint64, kind wire.RAMFlags) {
	addr := page * memory.PageSize
	if b == l.last {
		w.U64(addr | uint64(kind|wire.RAMContinue))
		return
	}
	l.last = b
	w.U64(addr | uint64(kind))
	w.CountedString(b.Name())
}
