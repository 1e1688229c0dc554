package ram

import (
	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
)

// A way is how pages leave a Saver while the guest may run here: as records in
// the section's body, or beside it. Each has a file of its own. In postcopy,
// and on a preempt channel, pages always go as plain records.
//
// The migration goroutine calls all of its methods. Errors of w are sticky and
// need no answer; a way that fails otherwise makes w fail.
type way interface {
	// listed writes what the START body has behind a block's entry,
	// also of one whose pages are not sent.
	listed(w *stream.Writer, b *memory.Block)
	// pages sends pages that were claimed: count of them from first on, all of
	// one block. Until the next pass none of them is claimed again.
	pages(w *stream.Writer, b *outBlock, first, count uint64)
	// pass is called between the last page of a pass over all blocks and the
	// first one of the next: what was sent may be sent again from now on, and
	// must not be overtaken.
	pass(w *stream.Writer)
	// body comes at the end of each body, before its EOS.
	body(w *stream.Writer, of body)
	// close frees what the way holds; w may have failed.
	close()
}

// beginner is a way that needs something before the first byte goes out.
type beginner interface{ begin() error }

// opener is a way that has something to say before the pages of a body.
type opener interface{ open(w *stream.Writer) }

// periodic is a way that measures something in periods of at least a second.
type periodic interface{ period() }

// queue is a way of pages that go out later than they are given to it.
type queue interface {
	// left is what room leaves for more of them.
	left(w *stream.Writer, room func() int64) int64
}

// body is one of the section's bodies.
type body int

const (
	bodyStart body = iota
	bodyPart
	bodyEnd
)

// newWay makes the way that the options ask for.
func (s *Saver) newWay() way {
	switch o := &s.options; {
	case o.RDMA != nil:
		return &direct{saver: s, to: o.RDMA}
	case o.Mapped != nil:
		return &mapped{saver: s, Places: o.Mapped, lanes: o.Lanes}
	case o.Lanes != nil:
		return &lanes{saver: s, sender: o.Lanes}
	case o.Compress != nil:
		return newCompress(s)
	case o.XBZRLE != nil:
		return newXBZRLE(s)
	}
	return &plain{saver: s}
}
