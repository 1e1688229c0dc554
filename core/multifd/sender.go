package multifd

import (
	"sync"
	"sync/atomic"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/trace"
)

// Carrier brings pages out on one lane. A goroutine that belongs to the lane
// calls all of its methods.
type Carrier interface {
	// Send brings a batch out. The batch is the sender's again when it returns.
	Send(b *Batch) error
	// Sync makes what was sent before come before all that is sent later, on
	// whatever lane. When it returns nobody reads what was sent any more.
	Sync() error
	// Close frees what the carrier holds. It comes last, also after an error.
	Close()
}

// Sender sends pages on lanes. It belongs to the migration goroutine; Err may
// be called from any goroutine.
type Sender struct {
	options SenderOptions
	points  senderPoints
	jobs    chan *Batch
	free    chan *Batch
	filling *Batch // not handed over yet, or nil
	held    []*Batch

	packets atomic.Uint64 // batches and syncs that went out, on all lanes
	taken   uint64        // pages that were given
	carried atomic.Uint64 // those of them that went out

	lanes  []chan struct{} // each gets a value at a sync
	synced chan struct{}
	joined sync.WaitGroup

	ending
}

// SenderOptions are what a sender tells of itself.
type SenderOptions struct {
	// Failed is called once, from a lane's goroutine, if a lane fails: the
	// sender is of no use any more. It may be nil.
	Failed func(error)
	// Thread is called by the goroutine of each lane, and what it returns at
	// its end. It may be nil.
	Thread func(lane int) (gone func())
	// Trace is where the trace events are, nil for none.
	Trace *trace.Set
}

// batchesPerLane is how many batches a lane has: one under way and one that waits.
const batchesPerLane = 2

// NewSender opens a lane for each carrier.
func NewSender(carriers []Carrier, options SenderOptions) *Sender {
	count := batchesPerLane*len(carriers) + 1 // and the one that is filled
	s := &Sender{
		options: options,
		points:  newSenderPoints(options.Trace),
		jobs:    make(chan *Batch, count),
		free:    make(chan *Batch, count),
		held:    make([]*Batch, 0, count),
		synced:  make(chan struct{}, len(carriers)),
		ending:  ending{stop: make(chan struct{})},
	}
	for range count {
		s.free <- &Batch{}
	}
	for i, c := range carriers {
		sync := make(chan struct{}, 1)
		s.lanes = append(s.lanes, sync)
		s.joined.Go(func() {
			defer c.Close()
			if options.Thread != nil {
				defer options.Thread(i)()
			}
			if err := s.carry(i, c, sync); err != nil {
				s.points.failed.Tell(trace.Int("id", i))
				s.fail(err)
			}
		})
	}
	return s
}

// carry is the goroutine of one lane.
func (s *Sender) carry(lane int, c Carrier, sync <-chan struct{}) error {
	sent := uint64(0)
	s.points.start.Tell(trace.Int("id", lane))
	defer func() { s.points.end.Tell(trace.Int("id", lane), trace.Uint("packets", sent)) }()
	for {
		select {
		case b := <-s.jobs:
			if err := c.Send(b); err != nil {
				return err
			}
			sent, _ = sent+1, s.packets.Add(1)
			s.carried.Add(uint64(b.count))
			b.empty()
			s.free <- b
		case <-sync:
			if err := c.Sync(); err != nil {
				return err
			}
			sent, _ = sent+1, s.packets.Add(1)
			s.synced <- struct{}{}
		case <-s.stop:
			return nil
		}
	}
}

// Pages sends count pages of b from first on. It waits until a lane has room.
func (s *Sender) Pages(b *memory.Block, first, count uint64) error {
	for count > 0 {
		if s.filling == nil {
			select {
			case s.filling = <-s.free:
			case <-s.stop:
				return s.err
			}
		}
		n, full := s.filling.add(b, first, count)
		first, count = first+n, count-n
		s.taken += n
		if full {
			s.Flush()
		}
	}
	return nil
}

// Waiting is how many pages were given and have not gone out yet.
func (s *Sender) Waiting() uint64 { return s.taken - s.carried.Load() }

// Flush has all pages go out that were given.
func (s *Sender) Flush() {
	if s.filling != nil && s.filling.count > 0 {
		s.jobs <- s.filling // there is room for all batches
		s.filling = nil
	}
}

// Drain sends all pages, and waits until they are out.
func (s *Sender) Drain() error {
	s.Flush()
	if s.filling != nil {
		s.free <- s.filling
		s.filling = nil
	}
	// The lanes are idle once all batches are back.
	s.held = s.held[:0]
	for range cap(s.free) {
		select {
		case b := <-s.free:
			s.held = append(s.held, b)
		case <-s.stop:
			return s.err
		}
	}
	for _, b := range s.held {
		s.free <- b
	}
	return nil
}

// Sync is Drain and then a sync on each lane: what is sent later does not
// overtake what was sent before. When it returns nobody reads the pages'
// memory any more.
func (s *Sender) Sync() error {
	if err := s.Drain(); err != nil {
		return err
	}
	for i, sync := range s.lanes {
		s.points.signal.Tell(trace.Int("id", i))
		sync <- struct{}{}
	}
	for i := range s.lanes {
		s.points.wait.Tell(trace.Int("id", i))
		select {
		case <-s.synced:
		case <-s.stop:
			return s.err
		}
	}
	s.points.synced.Tell(trace.Uint("packet_num", s.packets.Load()))
	return nil
}

// fail ends the lanes because one of them failed.
func (s *Sender) fail(err error) {
	s.end(err, func() {
		if s.options.Failed != nil {
			s.options.Failed(err)
		}
	})
}

// Close ends the lanes and waits for them. Whoever wants it to end while a lane
// is blocked shuts the lane's channel before. What was not synced may be lost.
func (s *Sender) Close() {
	s.points.terminate.Tell()
	s.end(errClosed, func() {})
	s.joined.Wait()
}
