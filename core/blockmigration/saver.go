package blockmigration

import (
	"sync/atomic"
	"time"

	"qmpmigrate/core/block"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// Options are what a Saver does.
type Options struct {
	// Incremental: only what an image keeps itself goes; the destination has
	// what is beneath.
	Incremental bool
	// ZeroBlocks: a piece that is all zeros goes as a mark. Without, destinations
	// find the zeros themselves.
	ZeroBlocks bool
}

// Stats may be read from any goroutine.
type Stats struct {
	// Active is true from the list of disks to the last piece.
	Active atomic.Bool
	// Total is the size of all disks in bytes, Done how much of that has had its turn.
	Total, Done atomic.Int64
}

// Saver sends disks. It belongs to the migration goroutine.
type Saver struct {
	graph   *block.Graph
	options Options
	stats   *Stats
	disks   []*disk
	told    int64 // the percentage that was told last, -1 for none
	pieces  int64 // how many have gone
	points  points
	// buffer holds the piece that is written. The last byte is behind it: what
	// is put by reference has gone when the next one is read.
	buffer []byte
}

// NewSaver makes a saver of the disks of a machine.
func NewSaver(graph *block.Graph, stats *Stats, options Options) *Saver {
	return &Saver{graph: graph, stats: stats, options: options, told: -1}
}

// Start writes the START body, and begins to log writes: from here on every
// piece is due.
func (s *Saver) Start(w *stream.Writer, _ time.Time) error {
	s.buffer = make([]byte, wire.BlockPiece)
	s.disks = disksOf(s.graph)
	total := int64(0)
	for _, d := range s.disks {
		// A VM that came and has not run here since has its disks untouched.
		if err := d.node.ActivateAll(); err != nil {
			return err
		}
		d.node.AddBitmap(d.dirty)
		s.begins(d)
		total += d.size
	}
	s.stats.Total.Store(total)
	s.stats.Done.Store(0)
	s.stats.Active.Store(true)
	s.at("setup")
	s.eos(w)
	return nil
}

// Close ends the log of writes.
func (s *Saver) Close() {
	for _, d := range s.disks {
		d.node.RemoveBitmap(d.dirty)
	}
	s.disks = nil
	s.stats.Active.Store(false)
}

// Bulk says whether pieces go out that did not go before. It makes no sense to
// send memory meanwhile: the VM writes it again.
func (s *Saver) Bulk() bool {
	for _, d := range s.disks {
		if d.next < d.size {
			return true
		}
	}
	return false
}

// Active says that pieces go out while the VM runs.
func (s *Saver) Active() bool { return true }

// Pending is how many bytes of pieces are due.
func (s *Saver) Pending() (bytes uint64) {
	for _, d := range s.disks {
		bytes += uint64(d.size-d.next) + uint64(d.dirty.Count())*wire.BlockPiece
	}
	s.points.pending.Tell(trace.Uint("pending", bytes))
	return bytes
}

// Sync is Pending: writes are known at once.
func (s *Saver) Sync(time.Time) uint64 { return s.Pending() }

// Iterate writes one PART body: pieces, until none is due or room says 0.
func (s *Saver) Iterate(w *stream.Writer, room func() int64) error {
	s.at("iterate")
	err := s.send(w, func() bool { return w.Err() == nil && room() > 0 })
	s.eos(w)
	return err
}

// Complete writes the END body: all pieces that are due.
func (s *Saver) Complete(w *stream.Writer) error {
	s.at("complete")
	if err := s.send(w, func() bool { return w.Err() == nil }); err != nil {
		return err
	}
	w.Write(wire.AppendBlock(nil, 100, wire.BlockProgress))
	s.eos(w)
	s.points.complete.Tell()
	s.Close()
	return nil
}

// send writes pieces, those first that never went, as long as more says so.
func (s *Saver) send(w *stream.Writer, more func() bool) error {
	for _, d := range s.disks {
		for d.next < d.size && more() {
			if err := s.bulk(w, d); err != nil {
				return err
			}
			s.progress(w)
		}
	}
	if s.Bulk() {
		return nil
	}
	for _, d := range s.disks {
		for more() {
			at, ok := d.dirty.Next(0)
			if !ok {
				break
			}
			if err := s.piece(w, d, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// bulk writes the next piece of d, unless the image does not keep it.
func (s *Saver) bulk(w *stream.Writer, d *disk) error {
	before := d.next
	if s.options.Incremental {
		if err := d.skip(); err != nil {
			return err
		}
	}
	if d.next < d.size {
		at := d.next &^ (wire.BlockPiece - 1)
		if err := s.piece(w, d, at); err != nil {
			return err
		}
		d.next = min(at+wire.BlockPiece, d.size)
	}
	s.stats.Done.Add(d.next - before)
	return nil
}

// progress tells people at the destination how far this is.
func (s *Saver) progress(w *stream.Writer) {
	if percent := s.stats.Done.Load() * 100 / s.stats.Total.Load(); percent != s.told {
		s.told = percent
		s.points.progress.Tell(trace.Int("percent", percent))
		w.Write(wire.AppendBlock(nil, uint64(percent), wire.BlockProgress))
	}
}

// piece writes the piece at at. What the VM writes from now on makes it due again.
func (s *Saver) piece(w *stream.Writer, d *disk, at int64) error {
	d.dirty.Clear(at, wire.BlockPiece)
	zero, err := d.read(s.buffer, at)
	if err != nil {
		// It stays due, so that whoever looks sees what is missing.
		d.dirty.Set(at, 1)
		s.points.unread.Tell(trace.Int("sector", at/block.Sector))
		return err
	}
	s.pieces++
	kind := wire.BlockDevice
	if zero && s.options.ZeroBlocks {
		kind |= wire.BlockZero
	}
	w.Write(wire.AppendCounted(wire.AppendBlock(nil, uint64(at/block.Sector), kind), d.name))
	if kind&wire.BlockZero == 0 {
		// The buffer is used again for the next piece.
		w.Ref(s.buffer)
		w.Flush()
	}
	return nil
}

func (s *Saver) eos(w *stream.Writer) { w.Write(wire.AppendBlock(nil, 0, wire.BlockEOS)) }
