package dirtybitmap

import (
	"time"

	"qmpmigrate/core/block"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// Saver sends bitmaps: which there are while the VM runs, and their bits once it
// does not run here any more. It belongs to the migration goroutine.
type Saver struct {
	graph    *block.Graph
	mapping  Mapping
	bitmaps  []*outBitmap
	last     *outBitmap // the one that the last chunk was of
	follows  bool       // the VM is at its destination
	finished bool       // the bitmaps are not held any more

	words []uint64
	chunk []byte
	trace saverTrace
}

// NewSaver makes a saver of the bitmaps of a machine's disks.
func NewSaver(graph *block.Graph, mapping Mapping) *Saver {
	return &Saver{graph: graph, mapping: mapping, words: make([]uint64, wire.DirtyPieces/64)}
}

// Start writes the START body: which bitmaps come. As in QEMU the setup is over
// before anybody hears that one of them cannot be migrated.
func (s *Saver) Start(w *stream.Writer, _ time.Time) error {
	if err := s.choose(); err != nil {
		s.Restore()
		s.bitmaps = nil
		w.Fail(err)
		return nil
	}
	for _, b := range s.bitmaps {
		s.head(b, wire.DirtyStart)
		s.chunk = wire.AppendDirtyStart(s.chunk, uint32(b.Granularity()), b.state)
		w.Write(s.chunk)
	}
	s.eos(w)
	return nil
}

// Follow says that the VM goes on at its destination: the bits follow it.
func (s *Saver) Follow() { s.follows = true }

// Active says whether bits go in PARTs.
func (s *Saver) Active() bool { return s.follows }

// Pending is how many bytes of bits may go now.
func (s *Saver) Pending() uint64 {
	if !s.follows {
		return 0
	}
	return s.left()
}

// Sync is how many bytes of bits are left.
func (s *Saver) Sync(time.Time) uint64 { return s.left() }

func (s *Saver) left() (bytes uint64) {
	if s.finished {
		return 0
	}
	for _, b := range s.bitmaps {
		bytes += uint64(b.Pieces()-b.next+7) / 8
	}
	s.trace.pending.Tell(trace.Uint("pending", bytes))
	return bytes
}

// Iterate writes one PART body: bits, until none are left or room says 0.
func (s *Saver) Iterate(w *stream.Writer, room func() int64) error {
	s.trace.part.Tell(trace.Bool("in_postcopy", s.follows))
	for _, b := range s.bitmaps {
		for b.next < b.Pieces() && w.Err() == nil && room() > 0 {
			s.bits(w, b)
		}
	}
	s.eos(w)
	return nil
}

// Complete writes the END body: all bits that are left.
func (s *Saver) Complete(w *stream.Writer) error {
	s.trace.end.Tell()
	for _, b := range s.bitmaps {
		for b.next < b.Pieces() && w.Err() == nil {
			s.bits(w, b)
		}
	}
	for _, b := range s.bitmaps {
		s.head(b, wire.DirtyComplete)
		w.Write(s.chunk)
	}
	s.eos(w)
	s.trace.ended.Tell()
	s.Close()
	return nil
}

// Close lets go of the bitmaps.
func (s *Saver) Close() {
	if s.finished {
		return
	}
	s.finished = true
	for _, b := range s.bitmaps {
		b.SetState(func(is *block.State) { is.Busy = false })
	}
}

// Restore is Close where the VM stays here, and with it the bitmaps: those that
// an image is to keep are kept.
func (s *Saver) Restore() {
	s.Close()
	for _, b := range s.bitmaps {
		b.SetState(func(is *block.State) { is.SkipStore = false })
	}
}

// head begins a chunk: it names what the one before did not.
func (s *Saver) head(b *outBitmap, kind wire.DirtyFlags) {
	s.trace.header.Tell()
	if s.last == nil || s.last.node != b.node {
		kind |= wire.DirtyNode
	}
	if s.last != b {
		kind |= wire.DirtyBitmap
	}
	s.last = b
	s.chunk = wire.AppendDirty(s.chunk[:0], kind, b.nodeAlias, b.alias)
}

// bits writes the next chunk of bits.
func (s *Saver) bits(w *stream.Writer, b *outBitmap) {
	first := b.next
	b.next = min(first+b.perChunk(), b.Pieces())
	words := s.words[:(b.next-first+63)/64]
	b.Words(first, words)
	kind := wire.DirtyBits
	if allZero(words) {
		kind |= wire.DirtyZeroes
	}
	begin, end := first*b.Granularity(), min(b.next*b.Granularity(), b.Size())
	sector, sectors := uint64(begin/block.Sector), uint32((end-begin+block.Sector-1)/block.Sector)
	s.trace.sends(kind, sector, sectors, len(words))
	s.head(b, kind)
	s.chunk = wire.AppendDirtyRange(s.chunk, sector, sectors)
	if kind&wire.DirtyZeroes == 0 {
		s.chunk = wire.AppendDirtyBits(s.chunk, words)
	}
	w.Write(s.chunk)
}

func allZero(words []uint64) bool {
	for _, w := range words {
		if w != 0 {
			return false
		}
	}
	return true
}

func (s *Saver) eos(w *stream.Writer) { w.U8(uint8(wire.DirtyEOS)) }
