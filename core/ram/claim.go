package ram

import "qmpmigrate/core/memory"

// Pages are claimed before they are read: what the guest writes from then on
// enters the log again, and in postcopy nobody sends a page twice.

// claimNext claims the next run of pages that are due, at most limit of them.
// count is 0 where none is left. passed says that the scan came to the end of
// the last block on the way.
func (s *Saver) claimNext(limit uint64) (b *outBlock, first, count uint64, passed bool) {
	if len(s.blocks) == 0 {
		return nil, 0, 0, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for range len(s.blocks) + 1 {
		b := s.blocks[s.cur]
		if first, count := b.claim(b.pos, b.Pages(), limit); count > 0 {
			b.pos = first + count
			return b, first, count, passed
		}
		b.pos = 0
		s.cur = (s.cur + 1) % len(s.blocks)
		passed = passed || s.cur == 0
		s.passed = s.passed || passed
	}
	return nil, 0, 0, passed
}

// claimIn claims the first pages of b in [from, end) that are due, one run of
// at most limit. count is 0 where none is.
func (s *Saver) claimIn(b *outBlock, from, end, limit uint64) (first, count uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return b.claim(from, end, limit)
}

// claim is claimIn for callers that hold mu. Where pages must go by whole host pages it claims
// whole ones, and at least one.
func (b *outBlock) claim(from, end, limit uint64) (first, count uint64) {
	host := uint64(1)
	if b.whole {
		host = b.HostPage() / memory.PageSize
	}
	first, count = b.todo.NextRun(from, max(limit/host, 1)*host)
	if count == 0 || first >= end {
		return first, 0
	}
	count = min(count, end-first)
	b.todo.ClearRange(first, count)
	return first, count
}

// goOn makes the scan go on with page of b.
func (s *Saver) goOn(b *outBlock, page uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.blocks {
		if s.blocks[i] == b {
			s.cur, b.pos = i, page
		}
	}
}

// due says whether any of the pages is still to be sent.
func (s *Saver) due(w Wanted) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, count := w.block.todo.NextRun(w.first, 1)
	return count > 0 && first < w.first+w.count
}

// makeWhole makes every host page of which any page is due due as a whole. The
// scan goes on at the beginning of one.
func (b *outBlock) makeWhole() {
	host := b.HostPage() / memory.PageSize
	b.whole = true
	b.pos = b.pos / host * host
	if host == 1 {
		return
	}
	for at := uint64(0); ; {
		first, count := b.todo.NextRun(at, host)
		if count == 0 {
			return
		}
		at = first / host * host
		for p := at; p < at+host; p++ {
			b.todo.Set(p)
		}
		at += host
	}
}
