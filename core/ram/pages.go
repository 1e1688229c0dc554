package ram

import (
	"bytes"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// runLimit is how many pages are sent between two looks at the clock and the
// rate limit: 256 KiB.
const runLimit = 64

var zeroPage [memory.PageSize]byte

// sendRun sends the next run of dirty pages, at most limit of them, or says
// that none is left. Their bits are cleared before they are read: what the guest writes from now on
// enters the log again.
func (s *Saver) sendRun(w *stream.Writer, limit uint64) bool {
	for range len(s.blocks) + 1 {
		b := s.blocks[s.cur]
		if first, count := b.todo.NextRun(b.pos, limit); count > 0 {
			b.todo.ClearRange(first, count)
			b.pos = first + count
			s.sendPages(w, b, first, count)
			return true
		}
		b.pos = 0
		s.cur = (s.cur + 1) % len(s.blocks)
	}
	return false
}

func (s *Saver) sendPages(w *stream.Writer, b *outBlock, first, count uint64) {
	var zero uint64
	for p := first; p < first+count; p++ {
		// A page that was never written is zero; reading it would only
		// make the kernel map it.
		if !b.Populated(p) {
			s.header(w, b, p, wire.RAMZero)
			w.U8(0)
			zero++
			continue
		}
		page := b.Page(p)
		if bytes.Equal(page, zeroPage[:]) {
			s.header(w, b, p, wire.RAMZero)
			w.U8(0)
			zero++
			continue
		}
		s.header(w, b, p, wire.RAMPage)
		w.Ref(page)
	}
	s.stats.Zero.Add(zero)
	s.stats.Normal.Add(count - zero)
}

func (s *Saver) header(w *stream.Writer, b *outBlock, page uint64, kind wire.RAMFlags) {
	addr := page * memory.PageSize
	if b == s.last {
		w.U64(addr | uint64(kind|wire.RAMContinue))
		return
	}
	s.last = b
	w.U64(addr | uint64(kind))
	w.CountedString(b.Name())
}
