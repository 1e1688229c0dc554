package ram

import (
	"qmpmigrate/core/memory"
	"qmpmigrate/core/rdma"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// direct is the way of pages that are written into the destination's memory.
// The channel carries stream bytes or what belongs to that, never both: a record
// tells when it changes over, and everything before it is flushed.
type direct struct {
	saver *Saver
	to    *rdma.Source
}

func (d *direct) listed(*stream.Writer, *memory.Block) {}
func (d *direct) pass(*stream.Writer)                  {}
func (d *direct) close()                               { d.to.Close() }

// open begins a body that has pages.
func (d *direct) open(w *stream.Writer) {
	d.to.Started(rdma.PhaseRound)
	d.hook(w)
}

func (d *direct) hook(w *stream.Writer) {
	w.U64(uint64(wire.RAMHook))
	_ = w.Flush() // its error stays
}

func (d *direct) pages(w *stream.Writer, b *outBlock, first, count uint64) {
	d.check(w, func() error { return d.to.Pages(b.Block, first, count) })
}

func (d *direct) body(w *stream.Writer, of body) {
	if of != bodyStart {
		phase := rdma.PhaseRound
		if of == bodyEnd {
			phase = rdma.PhaseFinish
		}
		d.check(w, func() error { return d.to.Finish(phase) })
		return
	}
	d.to.Started(rdma.PhaseSetup)
	d.hook(w)
	d.check(w, func() error {
		var blocks []*memory.Block
		for _, b := range d.saver.blocks {
			blocks = append(blocks, b.Block)
		}
		return d.to.Begin(blocks)
	})
}

func (d *direct) check(w *stream.Writer, do func() error) {
	if w.Err() != nil {
		return
	}
	if err := do(); err != nil {
		w.Fail(err)
	}
}

// Direct says that the source writes its pages into the memory of t.
func (l *Loader) Direct(t *rdma.Target) { l.rdma = t }
