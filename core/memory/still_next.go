package memory

// StillPage is a page that was given out.
type StillPage struct {
	Block int // which of those that were given to Freeze
	Page  uint64
	// Zero: it was never written before, and so is known to be zeros.
	Zero bool
}

// Next gives the next page: into gets what it was, unless it is Zero. ok is false
// where none is left. One goroutine calls Next and Allow.
func (s *Still) Next(into []byte) (p StillPage, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.copies); n > 0 {
		c := s.copies[n-1]
		s.copies = s.copies[:n-1]
		copy(into, c.data[:])
		s.spare = append(s.spare, c.data)
		s.left--
		s.wake()
		return StillPage{Block: c.part.number, Page: c.page}, true
	}
	for ; s.scan < len(s.parts); s.scan++ {
		part := s.parts[s.scan]
		page, count := part.due.NextRun(part.pos, 1)
		if count == 0 {
			continue
		}
		part.due.ClearRange(page, 1)
		part.pos = page + 1
		s.left--
		p = StillPage{Block: s.scan, Page: page, Zero: part.zeros.Get(page) || !part.Populated(page)}
		if !p.Zero {
			copy(into, part.Block.Page(page))
		}
		part.free.Set(page, 1)
		part.give(page)
		s.wake()
		return p, true
	}
	return StillPage{}, false
}

// give notes for Allow that a page may be written.
func (p *stillBlock) give(page uint64) {
	if p.freezer == nil {
		return
	}
	s := p.still
	if n := len(s.given); n > 0 && s.given[n-1].part == p && s.given[n-1].first+s.given[n-1].count == page {
		s.given[n-1].count++
		return
	}
	s.given = append(s.given, stillRun{p, page, 1})
}

// Allow tells accelerators which pages were given out, so that vCPUs need not ask.
func (s *Still) Allow() {
	for _, r := range s.given {
		r.part.freezer.Allow(r.first, r.count)
	}
	s.given = s.given[:0]
}

// Left is how many pages are still to be given out.
func (s *Still) Left() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left
}

// Thaw ends it: whoever waits may write, and nothing is given out any more. The
// error is an accelerator's.
func (s *Still) Thaw() (err error) {
	s.mu.Lock()
	s.over = true
	s.wake()
	s.mu.Unlock()
	for _, p := range s.parts {
		p.Block.still.CompareAndSwap(p, nil)
		if p.freezer == nil {
			continue
		}
		if bad := p.freezer.Thaw(); err == nil {
			err = bad
		}
	}
	return err
}

// wake lets those who wait look again. mu is held.
func (s *Still) wake() {
	if s.waiting > 0 {
		close(s.moved)
		s.moved = make(chan struct{})
	}
}
