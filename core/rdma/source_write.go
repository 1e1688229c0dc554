package rdma

import (
	"errors"
	"fmt"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// flush sends the pending pages: as a write, unless they are the first of their
// chunk and zero.
func (s *Source) flush() error {
	p := s.pending
	s.pending.count = 0
	if p.count == 0 {
		return nil
	}
	b, chunk := p.block, p.first/chunkPages
	if e := s.link.points.flush; e.On() {
		e.Tell(trace.Int("sent", s.under))
	}
	for clobbers := 0; b.moving[chunk]; clobbers++ {
		if e := s.link.points.clobber; e.On() {
			e.Tell(trace.Int("count", clobbers), trace.Int("block", b.index), trace.Uint("chunk", chunk),
				trace.Uint("current", b.Offset+p.first*memory.PageSize), trace.Uint("len", p.count*memory.PageSize),
				trace.Int("nb_sent", s.under), trace.Int("nb_chunks", len(b.moving)))
		}
		if err := s.link.reap(workWrite); err != nil {
			return err
		}
	}
	key := b.Key
	if !s.pinAll {
		if !b.known[chunk] {
			if b.zero(p.first, p.count) {
				return s.zeros(b, p.first, p.count)
			}
			if err := s.register(b, p.first, p.count); err != nil {
				return err
			}
		}
		key = b.keys[chunk]
	}
	own, err := s.own(b, chunk)
	if err != nil {
		return s.link.fail(err)
	}
	offset := p.first * memory.PageSize
	return s.write(b, chunk, own, b.Bytes()[offset:offset+p.count*memory.PageSize], verbs.Place{Address: b.Host + offset, Key: key})
}

func (b *outBlock) zero(first, count uint64) bool {
	for p := first; p < first+count; p++ {
		if !b.IsZero(p) {
			return false
		}
	}
	return true
}

// zeros tells of pages that are zero.
func (s *Source) zeros(b *outBlock, first, count uint64) error {
	e := wire.RDMAZeros{Block: uint32(b.index), Offset: b.Offset + first*memory.PageSize, Length: count * memory.PageSize}
	s.about(s.link.points.zero, b, first, count)
	e.Append(s.link.room()[:0])
	if err := s.link.send(wire.RDMACompress, 1, wire.RDMAZerosSize); err != nil {
		return err
	}
	s.count.Zero.Add(count)
	return nil
}

// about tells of pages of a chunk that are not written.
func (s *Source) about(e *trace.Event, b *outBlock, first, count uint64) {
	if e.On() {
		e.Tell(trace.Uint("chunk", first/chunkPages), trace.Int("len", int(count*memory.PageSize)), trace.Int("index", b.index),
			trace.Int("offset", int64(b.Offset+first*memory.PageSize)))
	}
}

// register has the destination register the chunk of pages.
func (s *Source) register(b *outBlock, page, count uint64) error {
	chunk := page / chunkPages
	e := wire.RDMARegister{Key: b.Offset + page*memory.PageSize, Block: uint32(b.index)}
	s.about(s.link.points.sendReg, b, page, count)
	e.Append(s.link.room()[:0])
	data, err := s.link.exchange(wire.RDMARegisterRequest, 1, wire.RDMARegisterSize, wire.RDMARegisterResult, nil)
	if err != nil {
		return err
	}
	r, err := wire.ParseRDMARegistered(data)
	if err != nil {
		return s.link.fail(err)
	}
	if e := s.link.points.recvReg; e.On() {
		e.Tell(trace.Uint("mykey", b.keys[chunk]), trace.Uint("theirkey", r.Key), trace.Uint("chunk", chunk))
	}
	b.known[chunk], b.keys[chunk], b.Host = true, r.Key, r.Host
	return nil
}

// own gives this end's registration of a chunk.
func (s *Source) own(b *outBlock, chunk uint64) (r verbs.Region, err error) {
	if b.own.whole != nil {
		return b.own.whole, nil
	}
	if b.own.chunks[chunk] == nil {
		s.link.registers(chunkBytes(b.Block, chunk, 1))
		if b.own.chunks[chunk], err = s.link.ep.Register(chunkBytes(b.Block, chunk, 1), false); err != nil {
			return nil, fmt.Errorf("cannot get lkey!: %w", err)
		}
	}
	return b.own.chunks[chunk], nil
}

func (s *Source) write(b *outBlock, chunk uint64, own verbs.Region, p []byte, to verbs.Place) error {
	for {
		if e := s.link.points.post; e.On() {
			e.Tell(trace.Uint("chunk", chunk), trace.Uint("addr", verbs.Address(p)), trace.Uint("remote", to.Address),
				trace.Int("len", len(p)))
		}
		err := s.link.ep.PostWrite(writeNumber(b.index, chunk), own, p, to)
		if err == nil {
			break
		}
		if !errors.Is(err, verbs.ErrFull) {
			return s.link.broke("rdma migration: post rdma write failed", err)
		}
		s.link.points.full.Tell()
		if err := s.link.reap(workWrite); err != nil {
			return err
		}
	}
	b.moving[chunk] = true
	s.under++
	s.count.Normal.Add(uint64(len(p)) / memory.PageSize)
	s.count.Bytes.Add(uint64(len(p)))
	return nil
}

// wrote takes note of a write that is done.
func (s *Source) wrote(id uint64) {
	block, chunk := workChunk(id)
	if block < len(s.blocks) && chunk < uint64(len(s.blocks[block].moving)) {
		s.blocks[block].moving[chunk] = false
	}
	s.under--
}
