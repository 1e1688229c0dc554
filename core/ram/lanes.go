package ram

import (
	"context"
	"maps"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/multifd"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// lanes is the way of pages that go beside the main channel, which only keeps
// them in step.
type lanes struct {
	saver  *Saver
	sender *multifd.Sender
}

func (l *lanes) listed(*stream.Writer, *memory.Block) {}
func (l *lanes) close()                               {}

func (l *lanes) pages(w *stream.Writer, b *outBlock, first, count uint64) {
	if !l.saver.options.MainZeros {
		l.send(w, b, first, count)
		return
	}
	for end := first + count; first < end; {
		n := uint64(0)
		for first+n < end && !b.IsZero(first+n) {
			n++
		}
		l.send(w, b, first, n)
		if first += n; first < end {
			l.saver.main.header(w, b, first, wire.RAMZero)
			w.U8(0)
			l.saver.stats.Zero.Add(1)
			first++
		}
	}
}

func (l *lanes) send(w *stream.Writer, b *outBlock, first, count uint64) {
	if err := l.sender.Pages(b.Block, first, count); err != nil {
		w.Fail(err)
	}
}

func (l *lanes) pass(w *stream.Writer) {
	if !l.saver.options.SyncSections {
		l.sync(w)
	}
}

// body syncs at the start, too: lanes may be read before the blocks are listed.
func (l *lanes) body(w *stream.Writer, of body) {
	if l.saver.options.SyncSections || of == bodyStart {
		l.sync(w)
		return
	}
	l.sender.Flush()
}

func (l *lanes) left(w *stream.Writer, room func() int64) int64 {
	return leftBehind(l.sender, wire.MultiFDPacketSize, w, room)
}

// leftBehind is what room leaves for more pages than wait for a lane already. Those take a head for each packet, and
// no more if all of them are zeros; where it matters, they are waited for.
func leftBehind(lanes *multifd.Sender, head uint64, w *stream.Writer, room func() int64) int64 {
	left, waiting := room(), lanes.Waiting()
	packets := waiting / multifd.PacketPages
	least, most := int64(packets*head), int64(waiting*memory.PageSize)
	if packets == 0 || left <= least || left >= most {
		return left - least
	}
	if err := lanes.Drain(); err != nil {
		w.Fail(err)
		return 0
	}
	return room()
}

// sync keeps what follows behind what went before on all channels. The main
// channel is flushed: while the lanes wait for it, they take nothing more.
func (l *lanes) sync(w *stream.Writer) {
	if w.Err() != nil {
		return
	}
	if err := l.sender.Sync(); err != nil {
		w.Fail(err)
		return
	}
	if !l.saver.options.SyncSections {
		w.U64(uint64(wire.RAMMultiFDFlush))
		w.Flush()
	}
}

// arriving are the lanes of a Loader. The zero value are none.
type arriving struct {
	receiver *multifd.Receiver
	ctx      context.Context
	setUp    bool // the first body is over
	// byRound: the source says when lanes are to be in step, as it did so in
	// the first body; otherwise they are at the end of each.
	byRound bool
}

// Receive says that pages come on the lanes of r, too. Waiting for them ends with ctx.
func (l *Loader) Receive(ctx context.Context, r *multifd.Receiver) {
	l.lanes = arriving{receiver: r, ctx: ctx}
}

func (a *arriving) listed(blocks map[string]*memory.Block) {
	if a.receiver != nil {
		a.receiver.Place(maps.Clone(blocks))
	}
}

// round is the source's word that lanes are to be in step. Without lanes it
// means nothing.
func (a *arriving) round() error {
	if !a.setUp {
		a.byRound = true
	}
	return a.sync()
}

// section is the end of a body.
func (a *arriving) section() error {
	a.setUp = true
	if a.byRound {
		return nil
	}
	return a.sync()
}

func (a *arriving) sync() error {
	if a.receiver == nil {
		return nil
	}
	return a.receiver.Sync(a.ctx)
}
