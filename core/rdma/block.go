package rdma

import (
	"sync/atomic"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

const (
	chunkSize  = 1 << wire.RDMAChunkBits
	chunkPages = chunkSize / memory.PageSize
)

// Counters are where a Source counts: pages that were written and those that
// were told to be zero, and bytes of the first ones.
type Counters struct{ Normal, Zero, Bytes *atomic.Uint64 }

// regions are what is registered of a block: all of it, or chunks.
type regions struct {
	whole  verbs.Region
	chunks []verbs.Region // by number; nil are those that are not
}

func chunksOf(b *memory.Block) uint64 { return (b.Size() + chunkSize - 1) / chunkSize }

// bytes is a part of a block from a chunk on, count chunks long but no longer
// than the block.
func chunkBytes(b *memory.Block, first, count uint64) []byte {
	begin := first * chunkSize
	return b.Bytes()[begin:min(begin+count*chunkSize, b.Size())]
}

// registers tells of memory that is about to be registered.
func (l *link) registers(mem []byte) {
	if e := l.points.registers; e.On() {
		e.Tell(trace.Int("len", len(mem)), trace.Uint("start", verbs.Address(mem)))
	}
}

// release ends all registrations.
func (r *regions) release() (err error) {
	if r.whole != nil {
		err = r.whole.Release()
	}
	for _, c := range r.chunks {
		if c == nil {
			continue
		}
		if e := c.Release(); err == nil {
			err = e
		}
	}
	r.whole, r.chunks = nil, nil
	return err
}
