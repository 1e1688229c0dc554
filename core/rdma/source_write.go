package rdma

import (
	"errors"
	"fmt"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/rdma/verbs"
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
	for b.moving[chunk] {
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
			if err := s.register(b, p.first); err != nil {
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
	e.Append(s.link.room()[:0])
	if err := s.link.send(wire.RDMACompress, 1, wire.RDMAZerosSize); err != nil {
		return err
	}
	s.count.Zero.Add(count)
	return nil
}

// register has the destination register the chunk of a page.
func (s *Source) register(b *outBlock, page uint64) error {
	chunk := page / chunkPages
	e := wire.RDMARegister{Key: b.Offset + page*memory.PageSize, Block: uint32(b.index)}
	e.Append(s.link.room()[:0])
	data, err := s.link.exchange(wire.RDMARegisterRequest, 1, wire.RDMARegisterSize, wire.RDMARegisterResult, nil)
	if err != nil {
		return err
	}
	r, err := wire.ParseRDMARegistered(data)
	if err != nil {
		return s.link.fail(err)
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
		if b.own.chunks[chunk], err = s.link.ep.Register(chunkBytes(b.Block, chunk, 1), false); err != nil {
			return nil, fmt.Errorf("cannot get lkey!: %w", err)
		}
	}
	return b.own.chunks[chunk], nil
}

func (s *Source) write(b *outBlock, chunk uint64, own verbs.Region, p []byte, to verbs.Place) error {
	for {
		err := s.link.ep.PostWrite(writeNumber(b.index, chunk), own, p, to)
		if err == nil {
			break
		}
		if !errors.Is(err, verbs.ErrFull) {
			return s.link.broke("rdma migration: post rdma write failed", err)
		}
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
