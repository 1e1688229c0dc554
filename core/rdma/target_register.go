package rdma

import (
	"fmt"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// What was lent to the source may be written at any moment, without a word: all
// of it counts as written from then on.

// tell answers with all blocks, which are registered as a whole if that was agreed.
func (t *Target) tell() error {
	t.link.points.ramBlocks.Tell()
	room := t.link.room()[:0]
	for i, b := range t.blocks {
		e := wire.RDMABlock{Host: verbs.Address(b.Bytes()), Offset: b.offset, Length: b.Size()}
		t.link.points.ramBlock.Tell(trace.Str("name", b.Name()), trace.Uint("offset", e.Offset), trace.Uint("length", e.Length),
			trace.Uint("local_host_addr", e.Host), trace.Int("src_index", i))
		if t.conn.pinAll {
			if b.lent.whole == nil {
				r, err := t.link.ep.Register(b.Bytes(), true)
				if err != nil {
					return fmt.Errorf("Failed to register local dest ram block!: %w", err)
				}
				b.lent.whole = r
				b.Populate(0, b.Pages())
			}
			e.Key = b.lent.whole.Key()
		}
		if len(room)+wire.RDMABlockSize > wire.MaxRDMAMessage-wire.RDMAHeaderSize {
			return fmt.Errorf("%d RAM blocks are more than one message can list", len(t.blocks))
		}
		room = e.Append(room)
	}
	return t.link.put(wire.RDMARAMBlocksResult, 1, len(room))
}

// register registers chunks and answers with their keys.
func (t *Target) register(h wire.RDMAHeader, data []byte) error {
	t.link.points.register.Tell(trace.Uint("requests", h.Repeat))
	room := t.link.room()[:0]
	for i := range h.Repeat {
		e, err := wire.ParseRDMARegister(data, i, h.Repeat)
		if err != nil {
			return err
		}
		if p := t.link.points.registerOne; p.On() {
			p.Tell(trace.Uint("req", i), trace.Uint("index", e.Block), trace.Uint("addr", e.Key), trace.Uint("chunks", e.Chunks))
		}
		b, err := t.find("register", e.Block)
		if err != nil {
			return err
		}
		if e.Key < b.offset || e.Key-b.offset >= b.Size() {
			return fmt.Errorf("rdma: bad register address for block %s offset: %x current_addr: %x", b.Name(), b.offset, e.Key)
		}
		r, err := t.lend(b, (e.Key-b.offset)/chunkSize, e.Chunks)
		if err != nil {
			return err
		}
		if p := t.link.points.registered; p.On() {
			p.Tell(trace.Uint("rkey", r.Key()))
		}
		room = wire.RDMARegistered{Key: r.Key(), Host: verbs.Address(b.Bytes())}.Append(room)
	}
	return t.link.put(wire.RDMARegisterResult, h.Repeat, len(room))
}

// lend registers a chunk and more behind it, unless that was done before.
func (t *Target) lend(b *inBlock, chunk, more uint64) (verbs.Region, error) {
	if b.lent.whole != nil {
		return b.lent.whole, nil
	}
	if r := b.lent.chunks[chunk]; r != nil {
		return r, nil
	}
	count := min(more, uint64(len(b.lent.chunks))-1-chunk) + 1
	mem := chunkBytes(b.Block, chunk, count)
	t.link.registers(mem)
	r, err := t.link.ep.Register(mem, true)
	if err != nil {
		return nil, fmt.Errorf("cannot get rkey: %w", err)
	}
	b.lent.chunks[chunk] = r
	b.Populate(chunk*chunkPages, uint64(len(mem))/memory.PageSize)
	return r, nil
}

// unregister ends the registrations of chunks.
func (t *Target) unregister(h wire.RDMAHeader, data []byte) error {
	t.link.points.unregister.Tell(trace.Uint("requests", h.Repeat))
	for i := range h.Repeat {
		e, err := wire.ParseRDMARegister(data, i, h.Repeat)
		if err != nil {
			return err
		}
		t.link.points.unregisterOne.Tell(trace.Uint("count", i), trace.Uint("index", e.Block), trace.Uint("chunk", e.Key))
		b, err := t.find("unregister", e.Block)
		if err != nil {
			return err
		}
		if e.Key >= uint64(len(b.lent.chunks)) || b.lent.chunks[e.Key] == nil {
			return fmt.Errorf("rdma: bad chunk for block %s chunk: %x", b.Name(), e.Key)
		}
		if err := b.lent.chunks[e.Key].Release(); err != nil {
			return fmt.Errorf("rdma unregistration chunk failed: %w", err)
		}
		b.lent.chunks[e.Key] = nil
		t.link.points.unregistered.Tell(trace.Uint("chunk", e.Key))
	}
	return t.link.put(wire.RDMAUnregisterFinished, h.Repeat, 0)
}
