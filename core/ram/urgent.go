package ram

import (
	"fmt"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
)

// maxWanted bounds how many requests wait. Whoever makes more of them waits.
const maxWanted = 1024

// Wanted is a request of the destination: pages that a vCPU waits for there.
type Wanted struct {
	block        *outBlock
	first, count uint64
}

// Requests are those of one connection. They belong to the goroutine that hears
// what the destination says.
type Requests struct {
	saver *Saver
	// Stop ends the wait for room.
	Stop <-chan struct{}
}

// Requests begins with the requests of a new connection.
func (s *Saver) Requests(stop <-chan struct{}) *Requests { return &Requests{saver: s, Stop: stop} }

// Add takes a request of length bytes from start on; an empty name is that of
// the block before. What is wrong with it is told in QEMU's words. What was
// sent already needs no answer.
func (r *Requests) Add(named bool, name string, start, length uint64) error {
	if start%memory.PageSize != 0 || length%memory.PageSize != 0 {
		return fmt.Errorf("MIG_RP_MSG_REQ_PAGES: Misaligned page request, start:%x len: %d", start, length)
	}
	r.saver.stats.Requests.Add(1)
	if named {
		b := r.saver.block(name)
		if b == nil {
			return fmt.Errorf("MIG_RP_MSG_REQ_PAGES has no block '%s'", name)
		}
		r.saver.lastAsked = b
	}
	b := r.saver.lastAsked
	if b == nil {
		return fmt.Errorf("MIG_RP_MSG_REQ_PAGES has no previous block")
	}
	if start >= b.Size() || length > b.Size()-start || start+length == 0 {
		return fmt.Errorf("MIG_RP_MSG_REQ_PAGES request overrun, start=%x len=%x blocklen=%x", start, length, b.Size())
	}
	if e := r.saver.trace.queued; e.On() {
		e.Tell(trace.Str("rbname", b.Name()), trace.Uint("start", start), trace.Uint("len", length))
	}
	host := b.HostPage()
	end := roundUp(start+length, host)
	first := start / host * host
	w := Wanted{block: b, first: first / memory.PageSize, count: (end - first) / memory.PageSize}
	if length == 0 || !r.saver.due(w) {
		return nil
	}
	if p := r.saver.preempt.Load(); p != nil {
		return r.saver.sendAtOnce(p, w)
	}
	select {
	case r.saver.wanted <- w:
	case <-r.Stop:
	}
	return nil
}

func (s *Saver) block(name string) *outBlock {
	for _, b := range s.blocks {
		if b.Name() == name {
			return b
		}
	}
	return nil
}

// Wanted is where requests wait. Whoever takes one gives it back with Want.
func (s *Saver) Wanted() <-chan Wanted { return s.wanted }

// Want makes w the request that is served first.
func (s *Saver) Want(w Wanted) { s.first = w }

// Asked says whether any request waits.
func (s *Saver) Asked() bool { return s.first.block != nil || len(s.wanted) > 0 }

// serve is Iterate in postcopy: what is wanted goes out at once, however little
// room there is, and between that goes what else is missing.
func (s *Saver) serve(w *stream.Writer, room func() int64) {
	for w.Err() == nil {
		if want, ok := s.next(); ok {
			s.sendWanted(w, want)
			continue
		}
		left := room()
		if left <= 0 || !s.sendNext(w, uint64(min(left/memory.PageSize+1, burst))) {
			break
		}
	}
}

// next takes the next request, if there is one.
func (s *Saver) next() (w Wanted, ok bool) {
	if s.first.block != nil {
		w, s.first = s.first, Wanted{}
		return w, true
	}
	select {
	case w = <-s.wanted:
		return w, true
	default:
		return w, false
	}
}

// burst is how many pages are written between two looks at what is wanted: what
// waits in the channel delays what a vCPU waits for.
const burst = 32

// sendNext sends the next pages that nobody asked for, or says that none is left.
func (s *Saver) sendNext(w *stream.Writer, limit uint64) bool {
	b, first, count, _ := s.claimNext(limit)
	if count == 0 {
		return false
	}
	s.sendPages(w, &s.main, b, first, count)
	s.sent(w, b, first, count)
	return true
}

// sendWanted sends those of the wanted pages that are due. The scan goes on
// behind them: a vCPU that wanted one page often wants the next.
func (s *Saver) sendWanted(w *stream.Writer, want Wanted) {
	b, end := want.block, want.first+want.count
	for at := want.first; w.Err() == nil; {
		first, count := s.claimIn(b, at, end, burst)
		if at == want.first {
			s.trace.wanted(b, at, count > 0)
		}
		if count == 0 {
			break
		}
		s.sendPages(w, &s.main, b, first, count)
		at = first + count
		s.sent(w, b, first, count)
	}
	s.goOn(b, end)
}

// sent lets pages go out, to wait no longer than they must.
func (s *Saver) sent(w *stream.Writer, b *outBlock, first, count uint64) {
	w.Flush()
	s.release(w, b, first, count)
}
