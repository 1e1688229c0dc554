package ram

import "qmpmigrate/core/stream"

// release gives the memory of pages that went out to w back to the system,
// where that is wanted: their guest runs elsewhere.
func (s *Saver) release(w *stream.Writer, b *outBlock, first, count uint64) {
	if s.options.Release && w.Err() == nil {
		// It only costs memory if this fails.
		_ = b.Discard(first, count)
	}
}

// ReleaseSent releases all pages that are not to be sent any more. The guest
// runs at its destination.
func (s *Saver) ReleaseSent(w *stream.Writer) {
	if !s.options.Release {
		return
	}
	for _, b := range s.blocks {
		for at := uint64(0); at < b.Pages(); {
			s.mu.Lock()
			next, due := b.todo.NextRun(at, b.Pages())
			s.mu.Unlock()
			if next > at {
				s.release(w, b, at, next-at)
			}
			at = next + due
		}
	}
}
