package rdma

import (
	"errors"
	"fmt"
	"sync/atomic"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// Target lets a source write into the blocks of this machine. It belongs to
// whoever reads from the channel.
type Target struct {
	conn   *Conn
	link   *link
	zero   *atomic.Uint64 // counts pages that the source told to be zero
	blocks []*inBlock
	size   uint64 // of all blocks: where the next one begins
}

// inBlock is a block as its destination sees it. Offsets count over all blocks,
// in the order in which they were listed.
type inBlock struct {
	*memory.Block
	offset uint64
	lent   regions
}

// Target makes what lets this channel's source write.
func (c *Conn) Target(zero *atomic.Uint64) *Target { return &Target{conn: c, link: c.main, zero: zero} }

// Listed says which block comes next in the source's list.
func (t *Target) Listed(b *memory.Block) {
	in := &inBlock{Block: b, offset: t.size}
	in.lent.chunks = make([]verbs.Region, chunksOf(b))
	t.link.points.listed.Tell(trace.Str("name", b.Name()), trace.Int("index", len(t.blocks)))
	t.blocks = append(t.blocks, in)
	t.size += b.Size()
}

// Serve does what the source asks for until it says that it has finished.
func (t *Target) Serve() error {
	if err := t.link.use(); err != nil {
		return err
	}
	defer t.link.done()
	if len(t.conn.in) > 0 {
		return t.link.fail(fmt.Errorf("rdma: %d bytes of the stream where messages are to come", len(t.conn.in)))
	}
	for {
		t.link.points.wait.Tell()
		h, data, err := t.link.receive(wire.RDMANone)
		if err != nil {
			return err
		}
		finished, err := t.serve(h, data)
		if err != nil {
			return t.link.fail(err)
		}
		if finished {
			return nil
		}
	}
}

func (t *Target) serve(h wire.RDMAHeader, data []byte) (finished bool, err error) {
	if h.Repeat > wire.MaxRDMARepeat {
		return false, fmt.Errorf("rdma: Too many requests in this message (%d).Bailing.", h.Repeat)
	}
	switch h.Kind {
	case wire.RDMACompress:
		return false, t.clear(data)
	case wire.RDMARegisterFinished:
		t.link.points.finished.Tell()
		return true, nil
	case wire.RDMARAMBlocksRequest:
		return false, t.tell()
	case wire.RDMARegisterRequest:
		return false, t.register(h, data)
	case wire.RDMAUnregisterRequest:
		return false, t.unregister(h, data)
	case wire.RDMARegisterResult:
		return false, errors.New("Invalid RESULT message at dest.")
	}
	return false, fmt.Errorf("Unknown control message %s", h.Kind)
}

// find gives the block that an entry is about.
func (t *Target) find(what string, index uint32) (*inBlock, error) {
	if uint64(index) >= uint64(len(t.blocks)) {
		return nil, fmt.Errorf("rdma: '%s' bad block index %d (vs %d)", what, index, len(t.blocks))
	}
	return t.blocks[index], nil
}

// clear takes pages that are zero.
func (t *Target) clear(data []byte) error {
	e, err := wire.ParseRDMAZeros(data)
	if err != nil {
		return err
	}
	if p := t.link.points.compress; p.On() {
		p.Tell(trace.Int("length", int64(e.Length)), trace.Uint("index", e.Block), trace.Int("offset", int64(e.Offset)))
	}
	b, err := t.find("compress", e.Block)
	if err != nil {
		return err
	}
	at := e.Offset - b.offset
	if e.Offset < b.offset || at > b.Size() || e.Length > b.Size()-at || at%memory.PageSize != 0 || e.Length%memory.PageSize != 0 {
		return fmt.Errorf("rdma: bad 'compress' range for block %s offset: %x length: %x", b.Name(), e.Offset, e.Length)
	}
	for p := at / memory.PageSize; p < (at+e.Length)/memory.PageSize; p++ {
		b.Clear(p)
	}
	t.zero.Add(e.Length / memory.PageSize)
	return nil
}

// Close ends all registrations: from here on nobody else writes to the blocks.
func (t *Target) Close() {
	for _, b := range t.blocks {
		_ = b.lent.release() // the connection ends, and with it what is left
	}
	t.blocks = nil
}
