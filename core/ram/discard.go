package ram

import (
	"qmpmigrate/core/memory"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// Discards makes ready for postcopy, with the guest stopped and Sync called: it
// gives tell the payloads of the commands with which the destination throws
// away what it has and must get again. From here on pages go by whole host
// pages. A payload is valid until tell returns.
//
// A QEMU that is told to throw nothing away does not let the VM run then: where
// nothing is due a page is sent once more.
func (s *Saver) Discards(tell func(payload []byte)) {
	s.postcopy = true
	if len(s.blocks) > 0 && s.Pending() == 0 {
		s.mu.Lock()
		s.blocks[0].todo.Set(0)
		s.mu.Unlock()
	}
	var payload []byte
	for _, b := range s.blocks {
		s.mu.Lock()
		b.makeWhole()
		s.mu.Unlock()
		var ranges [wire.MaxDiscards]wire.Range
		words, commands := 0, 0
		for at, n := uint64(0), 0; ; {
			first, count := b.todo.NextRun(at, b.Pages())
			if count > 0 {
				ranges[n] = wire.Range{Start: first * memory.PageSize, Length: count * memory.PageSize}
				n++
				words++
				s.trace.discard.Tell(trace.Str("ramblock", b.Name()), trace.Uint("start", first), trace.Uint("length", count))
			}
			if n == len(ranges) || count == 0 && n > 0 {
				payload = wire.AppendDiscard(payload[:0], b.Name(), ranges[:n])
				tell(payload)
				n = 0
				commands++
			}
			if count == 0 {
				break
			}
			at = first + count
		}
		s.trace.dropped.Tell(trace.Str("ramblock", b.Name()), trace.Int("nwords", words), trace.Int("ncmds", commands))
	}
	s.publish()
	s.trace.discards.Tell()
}

// Look makes the next Sync a short one: where vCPUs run outside of this process
// every page that they wrote costs time then, in which the guest stands already.
func (s *Saver) Look() {
	for _, b := range s.blocks {
		b.Look()
	}
}

// HostPages are the sizes of all blocks' host pages, or'ed together.
func (s *Saver) HostPages() (sizes uint64) {
	for _, b := range s.blocks {
		sizes |= b.HostPage()
	}
	return sizes
}
