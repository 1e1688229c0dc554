package ram

import (
	"qmpmigrate/core/memory"
	"qmpmigrate/core/multifd"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Places says where in a file the blocks of a source are, and which of their
// pages.
type Places struct{ blocks map[*memory.Block]*place }

// NewPlaces are those of a file that has no blocks yet.
func NewPlaces() *Places { return &Places{map[*memory.Block]*place{}} }

// place is where in the file a block is.
type place struct {
	wire.MappedHeader
	present *memory.Marks
}

// mapped is the way of pages into a file, where each has a place of its own: a
// page that was written again is put over what was there. Pages that are zero
// are not written; at the end a bitmap of each block says which ones are there.
type mapped struct {
	*Places
	saver *Saver
	lanes *multifd.Sender // nil: all is written by the migration goroutine
}

func (m *mapped) listed(w *stream.Writer, b *memory.Block) {
	p := &place{wire.MappedAt(uint64(w.Position()), b.Pages()), memory.NewMarks(b.Pages())}
	w.Write(p.Append(nil))
	w.Move(int64(p.Pages + b.Size()))
	m.blocks[b] = p
}

func (m *mapped) pages(w *stream.Writer, b *outBlock, first, count uint64) {
	p, options := m.blocks[b.Block], &m.saver.options
	if m.lanes == nil {
		zero := p.split(b.Block, first, count, !options.KeepZeros, func(first, count uint64) {
			w.PutAt(p.full(b.Block, first, count))
		})
		m.saver.stats.Zero.Add(zero)
		m.saver.stats.Normal.Add(count - zero)
		return
	}
	zero := p.split(b.Block, first, count, options.MainZeros, func(first, count uint64) {
		if err := m.lanes.Pages(b.Block, first, count); err != nil {
			w.Fail(err)
		}
	})
	m.saver.stats.Zero.Add(zero)
}

// split gives full the runs of pages that are to be written, and takes the
// others off, which are zero; it gives how many those are.
func (p *place) split(b *memory.Block, first, count uint64, findZeros bool, full func(first, count uint64)) (zero uint64) {
	for end := first + count; first < end; {
		n := uint64(0)
		for first+n < end && !(findZeros && b.IsZero(first+n)) {
			n++
		}
		if n > 0 {
			full(first, n)
		}
		if first += n; first < end {
			p.present.Clear(first)
			first++
			zero++
		}
	}
	return zero
}

// full marks pages as present, and gives what is to be written where.
func (p *place) full(b *memory.Block, first, count uint64) (data []byte, at int64) {
	p.present.Set(first, count)
	offset := first * memory.PageSize
	return b.Bytes()[offset : offset+count*memory.PageSize], int64(p.Pages + offset)
}

// pass keeps what is written again behind what was written before.
func (m *mapped) pass(w *stream.Writer) { m.sync(w) }

func (m *mapped) body(w *stream.Writer, of body) {
	if of != bodyEnd {
		return
	}
	m.sync(w)
	for _, p := range m.blocks {
		w.PutAt(p.present.Append(nil), int64(p.Bitmap))
	}
}

func (m *mapped) sync(w *stream.Writer) {
	if m.lanes == nil || w.Err() != nil {
		return
	}
	if err := m.lanes.Sync(); err != nil {
		w.Fail(err)
	}
}

func (m *mapped) left(w *stream.Writer, room func() int64) int64 {
	if m.lanes == nil {
		return room()
	}
	return leftBehind(m.lanes, 0, w, room)
}

func (m *mapped) close() {}
