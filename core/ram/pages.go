package ram

import "qmpmigrate/core/stream"

// runLimit is how many pages are sent between two looks at the clock and the
// rate limit: 256 KiB.
const runLimit = 64

// sendRun sends the next run of dirty pages, at most limit of them, or says
// that none is left.
func (s *Saver) sendRun(w *stream.Writer, limit uint64) bool {
	b, first, count, passed := s.claimNext(limit)
	if passed {
		s.way.pass(w)
	}
	if count == 0 {
		return false
	}
	s.way.pages(w, b, first, count)
	return true
}
