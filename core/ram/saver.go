package ram

import (
	"sync"
	"sync/atomic"
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Saver sends the blocks of a machine: all pages once, then those that were
// dirtied since, until the caller completes it with the guest stopped.
//
// A saver belongs to the migration goroutine; others may only read Stats and
// make Requests.
type Saver struct {
	// listed are all blocks, and listedSize is how large they are; blocks
	// are those whose pages are sent.
	listed     []*memory.Block
	listedSize uint64
	blocks     []*outBlock
	total      uint64
	options    Options
	stats      *Stats
	main       lane
	way        way
	last       bool // the guest is stopped, and no page goes once more

	// mu is held for moments, by whoever looks for pages that are due: the
	// bitmaps of all blocks, and where the scan goes on.
	mu  sync.Mutex
	cur int // the block that the scan is in
	// passed: the scan came to the end of the last block.
	passed bool

	// postcopy: the guest runs at its destination. wanted are the requests
	// that are not served yet, and first is one that comes before them.
	postcopy bool
	wanted   chan Wanted
	// lastAsked is the block of the last request, which the next need not name: not on a new connection, either. A
	// QEMU whose thread has not noticed that the link broke asks there before it has heard that it is to begin anew.
	// Only the goroutine that hears the destination has it.
	lastAsked *outBlock
	preempt   atomic.Pointer[preempt] // nil: what is wanted goes on the main channel
	first     Wanted

	still *still // from Freeze on
	rate  dirtyRate
	trace saverTrace
}

// lane is what the reader of one channel remembers: the block that the last
// page record named, which the next record need not name again.
type lane struct{ last *outBlock }

type outBlock struct {
	*memory.Block
	todo *memory.Bitmap
	pos  uint64 // where the scan goes on, in pages
	// whole: in postcopy pages go by whole host pages.
	whole bool
}

// NewSaver makes a saver of blocks, which are sent in this order.
func NewSaver(blocks []*memory.Block, stats *Stats, options Options) *Saver {
	s := &Saver{listed: blocks, options: options, stats: stats, wanted: make(chan Wanted, maxWanted)}
	for _, b := range blocks {
		s.listedSize += b.Size()
		if options.IgnoreShared && b.Shared() {
			continue
		}
		s.blocks = append(s.blocks, &outBlock{Block: b, todo: memory.NewBitmap(b.Pages())})
		s.total += b.Size()
	}
	s.way = s.newWay()
	return s
}

// Total is the size of the blocks whose pages are sent, in bytes.
func (s *Saver) Total() uint64 { return s.total }

// Start writes the START body, the list of blocks, and begins to log writes:
// from here on every page is due.
func (s *Saver) Start(w *stream.Writer, now time.Time) error {
	if way, ok := s.way.(beginner); ok {
		if err := way.begin(); err != nil {
			// As in QEMU the setup is over before anybody hears of it.
			w.Fail(err)
			return nil
		}
	}
	word := make([]byte, 0, wire.RAMHeaderSize)
	w.Write(wire.AppendRAM(word, s.listedSize, wire.RAMMemSize))
	for _, b := range s.listed {
		w.Write(wire.AppendRAMSize(nil, b.Name(), b.Size()))
		if s.options.Postcopy && b.HostPage() != memory.PageSize {
			w.U64(b.HostPage())
		}
		if s.options.IgnoreShared {
			w.U64(b.Address())
		}
		s.way.listed(w, b)
	}
	for _, b := range s.blocks {
		b.todo.SetAll()
		if s.options.Still {
			b.Refresh()
		} else {
			b.StartLog()
		}
	}
	if !s.options.Still {
		s.rate.start(now)
		s.stats.Syncs.Store(1)
	}
	s.publish()
	s.way.body(w, bodyStart)
	s.eos(w)
	return nil
}

// Close ends the log of writes, and lets everybody write who had to wait.
func (s *Saver) Close() {
	s.way.close()
	if s.options.Still {
		s.thaw()
		return
	}
	for _, b := range s.blocks {
		b.StopLog()
	}
}

// Pending is how many bytes of pages are marked dirty, without a new sync.
func (s *Saver) Pending() (bytes uint64) {
	if s.still != nil {
		return s.still.Left() * memory.PageSize
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.blocks {
		bytes += b.todo.Count() * memory.PageSize
	}
	return bytes
}

// Sync takes over what the guest wrote since the last sync, and gives what is
// pending now.
func (s *Saver) Sync(now time.Time) uint64 {
	before := s.Pending()
	for _, b := range s.blocks {
		b.SyncLog(b.todo)
	}
	s.stats.Syncs.Add(1)
	left := s.Pending()
	// What was due already does not count: it goes out once.
	dirtied := (left - before) / memory.PageSize
	s.stats.Dirtied.Add(dirtied)
	if rate, ok := s.rate.sync(now, dirtied); ok {
		s.stats.DirtyRate.Store(rate)
		if way, ok := s.way.(periodic); ok {
			way.period()
		}
	}
	s.stats.DirtiedBytes.Store(left)
	s.publish()
	return left
}

// Unsynced is how many bytes a Sync would add now, as far as it is known.
func (s *Saver) Unsynced() (bytes uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.blocks {
		bytes += b.Unsynced(b.todo) * memory.PageSize
	}
	return bytes
}

// Unreached is how many bytes of pages were not sent at all yet: the scan did not
// come to them.
func (s *Saver) Unreached() (bytes uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.passed || len(s.blocks) == 0 {
		return 0
	}
	for _, b := range s.blocks[s.cur:] {
		bytes += (b.Pages() - b.pos) * memory.PageSize
	}
	return bytes
}

// Active says that pages go out while the guest runs.
func (s *Saver) Active() bool { return true }

func (s *Saver) publish() { s.stats.Remaining.Store(s.Pending() / memory.PageSize) }

// Iterate writes one PART body: dirty pages until none is left, or room, asked
// every few pages for how many bytes may still go out, says 0.
func (s *Saver) Iterate(w *stream.Writer, room func() int64) error {
	switch {
	case s.postcopy:
		s.serve(w, room)
	case s.still != nil:
		for room() > 0 && w.Err() == nil && s.sendStill(w) {
		}
	default:
		s.open(w)
	}
	first := s.Unreached() > 0
	for w.Err() == nil && !s.postcopy && s.still == nil {
		left := s.left(w, room)
		if left <= 0 || !s.sendRun(w, uint64(min(left/memory.PageSize+1, runLimit))) {
			break
		}
		if first && s.Unreached() == 0 {
			break // what pages cost that go again is seen by itself
		}
	}
	s.publish()
	if !s.postcopy {
		s.way.body(w, bodyPart)
	}
	s.eos(w)
	return nil
}

// Complete writes the END body: all that is dirty. The guest is stopped and
// Sync was called after it stopped.
func (s *Saver) Complete(w *stream.Writer) error {
	s.last = !s.options.Checkpoints
	if !s.postcopy {
		s.open(w)
	}
	for w.Err() == nil && s.sendRun(w, runLimit) {
	}
	s.publish()
	if !s.postcopy {
		s.way.body(w, bodyEnd)
	}
	s.eos(w)
	return nil
}

// left is how many bytes more pages may take.
func (s *Saver) left(w *stream.Writer, room func() int64) int64 {
	if way, ok := s.way.(queue); ok {
		return way.left(w, room)
	}
	return room()
}

func (s *Saver) open(w *stream.Writer) {
	if way, ok := s.way.(opener); ok {
		way.open(w)
	}
}

func (s *Saver) eos(w *stream.Writer) { w.U64(uint64(wire.RAMEOS)) }
