package ram

import (
	"sync"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
)

// preempt is a channel on which what is wanted goes out at once, past all that
// waits in the main channel.
type preempt struct {
	// mu is held from the claim of pages to their last byte, so that none
	// is under way when the end is written.
	mu   sync.Mutex
	w    *stream.Writer
	lane lane
}

// Preempt has every request that comes from now on served by the goroutine
// that hears it, on w, until Reconnect.
func (s *Saver) Preempt(w *stream.Writer) { s.preempt.Store(&preempt{w: w}) }

// EndPreempt ends the channel's records, for destinations that wait for it.
// Everything was claimed. Errors of the channel are this method's.
func (s *Saver) EndPreempt() error {
	p := s.preempt.Load()
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s.eos(p.w)
	return p.w.Flush()
}

// sendAtOnce sends those of the wanted pages that are due on p, a host page at a time.
func (s *Saver) sendAtOnce(p *preempt, want Wanted) error {
	end := want.first + want.count
	var err error
	for at := want.first; at < end && err == nil; {
		at, err = s.sendOne(p, want.block, at, end)
	}
	s.goOn(want.block, end)
	return err
}

// sendOne sends the first host page in [from, end) that is due, and says where
// the next may be.
func (s *Saver) sendOne(p *preempt, b *outBlock, from, end uint64) (next uint64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first, count := s.claimIn(b, from, end, 1)
	if count == 0 {
		return end, p.w.Err()
	}
	if s.trace.urgent.On() {
		s.trace.urgent.Tell(trace.Str("str", b.Name()), trace.Uint("offset", first))
	}
	before := p.w.Offset()
	s.sendPages(p.w, &p.lane, b, first, count)
	s.sent(p.w, b, first, count)
	s.stats.Preempted.Add(uint64(p.w.Offset() - before))
	return first + count, p.w.Err()
}
