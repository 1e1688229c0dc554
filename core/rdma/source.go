package rdma

import (
	"errors"
	"fmt"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// Source writes the pages of its blocks into the memory of the destination. It
// belongs to whoever writes to the channel, which must be flushed before: while
// the destination serves a Source it reads no stream bytes.
type Source struct {
	link   *link
	pinAll bool
	count  Counters
	blocks []*outBlock
	of     map[*memory.Block]*outBlock

	// pending are pages that go as one write: all of one chunk.
	pending struct {
		block        *outBlock
		first, count uint64
	}
	under int // writes that are under way
}

// outBlock is a block as its source sees it.
type outBlock struct {
	*memory.Block
	wire.RDMABlock
	index  int
	known  []bool   // chunks that the destination has registered
	keys   []uint32 // and their keys
	moving []bool   // chunks that a write is under way from
	own    regions
}

// Source makes what writes pages into the memory of this channel's peer.
func (c *Conn) Source(count Counters) *Source {
	s := &Source{link: c.main, pinAll: c.pinAll, count: count, of: map[*memory.Block]*outBlock{}}
	s.link.wrote = s.wrote
	return s
}

// Begin compares the blocks with those of the destination, and ends the first
// body, in which no pages go.
func (s *Source) Begin(blocks []*memory.Block) error {
	if err := s.link.use(); err != nil {
		return err
	}
	defer s.link.done()
	if len(blocks) > maxListed {
		return fmt.Errorf("%d RAM blocks are more than RDMA can tell apart", len(blocks))
	}
	for i, b := range blocks {
		n := chunksOf(b)
		o := &outBlock{Block: b, index: i, known: make([]bool, n), keys: make([]uint32, n), moving: make([]bool, n)}
		o.own.chunks = make([]verbs.Region, n)
		s.blocks = append(s.blocks, o)
		s.of[b] = o
	}
	s.link.points.blocks.Tell(trace.Int("blocks", len(s.blocks)))
	s.link.points.stopRAM.Tell()
	var pin func() error
	if s.pinAll {
		pin = s.pin // while the destination does so
	}
	data, err := s.link.exchange(wire.RDMARAMBlocksRequest, 1, 0, wire.RDMARAMBlocksResult, pin)
	if err != nil {
		return err
	}
	theirs, err := wire.ParseRDMABlocks(data)
	if err != nil {
		return s.link.fail(err)
	}
	if len(theirs) != len(s.blocks) {
		return s.link.fail(fmt.Errorf("ram blocks mismatch (Number of blocks %d vs %d) "+
			"Your QEMU command line parameters are probably not identical on both the source and destination.",
			len(s.blocks), len(theirs)))
	}
	for i, b := range s.blocks {
		if b.RDMABlock = theirs[i]; b.Length != b.Size() {
			return s.link.fail(fmt.Errorf("Block %s/%d has a different length %dvs %d", b.Name(), i, b.Size(), b.Length))
		}
	}
	s.link.points.stop.Tell(trace.Uint("flags", uint64(PhaseSetup)))
	return s.link.send(wire.RDMARegisterFinished, 1, 0)
}

// Phase is what a body is for, as QEMU's trace events number it.
type Phase uint64

// The phases.
const (
	PhaseSetup  Phase = 0
	PhaseRound  Phase = 1
	PhaseFinish Phase = 3
)

// Started tells of a body that has pages: its record is in the stream.
func (s *Source) Started(p Phase) { s.link.points.start.Tell(trace.Uint("flags", uint64(p))) }

// pin registers all blocks.
func (s *Source) pin() (err error) {
	for _, b := range s.blocks {
		if b.own.whole, err = s.link.ep.Register(b.Bytes(), false); err != nil {
			return fmt.Errorf("Failed to register local dest ram block!: %w", err)
		}
	}
	return nil
}

// Pages writes pages of one block. They are read before Finish returns: what is
// written to them meanwhile is to be sent again.
func (s *Source) Pages(b *memory.Block, first, count uint64) error {
	if err := s.link.use(); err != nil {
		return err
	}
	defer s.link.done()
	o := s.of[b]
	if o == nil {
		return errors.New("pages of a RAM block that was not listed")
	}
	for count > 0 {
		n := min(count, chunkPages-first%chunkPages)
		p := &s.pending
		if p.count > 0 && (p.block != o || p.first+p.count != first || p.first/chunkPages != first/chunkPages) {
			if err := s.flush(); err != nil {
				return err
			}
		}
		if p.count == 0 {
			p.block, p.first = o, first
		}
		p.count += n
		first, count = first+n, count-n
	}
	return nil
}

// Finish ends a body: all that was given is in the destination's memory.
func (s *Source) Finish(p Phase) error {
	if err := s.link.use(); err != nil {
		return err
	}
	defer s.link.done()
	if err := s.flush(); err != nil {
		return err
	}
	for s.under > 0 {
		if err := s.link.reap(workWrite); err != nil {
			return err
		}
	}
	s.link.points.stop.Tell(trace.Uint("flags", uint64(p)))
	return s.link.send(wire.RDMARegisterFinished, 1, 0)
}

// Close ends the registrations, however the migration ended.
func (s *Source) Close() {
	for _, b := range s.blocks {
		_ = b.own.release() // the connection ends, and with it what is left
	}
	s.blocks = nil
}
