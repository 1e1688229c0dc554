package ram

import (
	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// stillBatch is how many pages go out at once: as many as one vector has room for.
const stillBatch = 512

// still is the memory of one moment on its way out. Pages go as copies: they may be
// written as soon as they were copied, however slow the channel is.
type still struct {
	*memory.Still
	batch [stillBatch][memory.PageSize]byte
}

// Freeze begins the moment whose memory a saver with Options.Still sends. The guest
// is stopped, and may go on afterwards.
func (s *Saver) Freeze() error {
	blocks := make([]*memory.Block, len(s.blocks))
	for i, b := range s.blocks {
		blocks[i] = b.Block
	}
	moment, err := memory.Freeze(blocks)
	if err != nil {
		return err
	}
	s.still = &still{Still: moment}
	s.publish()
	return nil
}

// sendStill sends the next pages as they were, or says that none is left.
func (s *Saver) sendStill(w *stream.Writer) (more bool) {
	for i := range s.still.batch {
		page := s.still.batch[i][:]
		p, ok := s.still.Next(page)
		if !ok {
			break
		}
		more = true
		b := s.blocks[p.Block]
		switch {
		case s.options.KeepZeros && p.Zero:
			page = zeroPage[:]
		case p.Zero, !s.options.KeepZeros && memory.IsZero(page):
			s.main.header(w, b, p.Page, wire.RAMZero)
			w.U8(0)
			s.stats.Zero.Add(1)
			continue
		}
		s.main.header(w, b, p.Page, wire.RAMPage)
		w.Ref(page)
		s.stats.Normal.Add(1)
	}
	s.still.Allow()
	// The batch is used again.
	w.Flush()
	return more
}

// thaw ends what Freeze began, if it did.
func (s *Saver) thaw() {
	if s.still != nil {
		// An accelerator that cannot end it is one whose vCPUs are gone.
		_ = s.still.Thaw()
	}
}
