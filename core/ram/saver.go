package ram

import (
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Saver sends the blocks of a machine: all pages once, then those that were
// dirtied since, until the caller completes it with the guest stopped.
//
// A saver belongs to the migration goroutine; only Stats may be read by others.
type Saver struct {
	blocks []*outBlock
	total  uint64
	stats  *Stats
	// cur is the block that the scan is in; last is the one that the last
	// page record named, which the next record need not name again.
	cur  int
	last *outBlock

	rate dirtyRate
}

type outBlock struct {
	*memory.Block
	todo *memory.Bitmap
	pos  uint64 // where the scan goes on, in pages
}

// NewSaver makes a saver of blocks, which are sent in this order.
func NewSaver(blocks []*memory.Block, stats *Stats) *Saver {
	s := &Saver{stats: stats}
	for _, b := range blocks {
		s.blocks = append(s.blocks, &outBlock{Block: b, todo: memory.NewBitmap(b.Pages())})
		s.total += b.Size()
	}
	return s
}

// Total is the size of all blocks in bytes.
func (s *Saver) Total() uint64 { return s.total }

// Start writes the START body, the list of blocks, and begins to log writes:
// from here on every page is due.
func (s *Saver) Start(w *stream.Writer, now time.Time) {
	word := make([]byte, 0, wire.RAMHeaderSize)
	w.Write(wire.AppendRAM(word, s.total, wire.RAMMemSize))
	for _, b := range s.blocks {
		b.StartLog()
		b.todo.SetAll()
		w.Write(wire.AppendRAMSize(nil, b.Name(), b.Size()))
	}
	s.rate.start(now)
	s.stats.Syncs.Store(1)
	s.publish()
	s.eos(w)
}

// Close ends the log of writes.
func (s *Saver) Close() {
	for _, b := range s.blocks {
		b.StopLog()
	}
}

// Pending is how many bytes of pages are marked dirty, without a new sync.
func (s *Saver) Pending() (bytes uint64) {
	for _, b := range s.blocks {
		bytes += b.todo.Count() * memory.PageSize
	}
	return bytes
}

// Sync takes over what the guest wrote since the last sync.
func (s *Saver) Sync(now time.Time) {
	var logged uint64
	for _, b := range s.blocks {
		logged += b.SyncLog(b.todo)
	}
	s.stats.Syncs.Add(1)
	if rate, ok := s.rate.sync(now, logged); ok {
		s.stats.DirtyRate.Store(rate)
	}
	s.stats.DirtiedBytes.Store(s.Pending())
	s.publish()
}

func (s *Saver) publish() { s.stats.Remaining.Store(s.Pending() / memory.PageSize) }

// Iterate writes one PART body: dirty pages until none is left, or room, asked
// every few pages for how many bytes may still go out, says 0.
func (s *Saver) Iterate(w *stream.Writer, room func() int64) {
	for w.Err() == nil {
		left := room()
		if left <= 0 || !s.sendRun(w, uint64(min(left/memory.PageSize+1, runLimit))) {
			break
		}
	}
	s.publish()
	s.eos(w)
}

// Complete writes the END body: all that is dirty. The guest is stopped and
// Sync was called after it stopped.
func (s *Saver) Complete(w *stream.Writer) {
	for w.Err() == nil && s.sendRun(w, runLimit) {
	}
	s.publish()
	s.eos(w)
}

func (s *Saver) eos(w *stream.Writer) { w.U64(uint64(wire.RAMEOS)) }
