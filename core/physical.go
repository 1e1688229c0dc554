package core

import (
	"context"
	"strings"

	"qmpmigrate/core/memory"
	"qmpmigrate/qapi"
)

// span is a piece of a RAM block in guest-physical memory.
type span struct {
	addr   uint64 // where it begins
	block  *memory.Block
	offset uint64 // of its first byte in the block
	size   uint64
}

const (
	fourGiB = 4 << 30
	// A pc has no RAM in the last part of its first 4 GiB. One with so much
	// that it would reach there has the rest above, and leaves more room.
	i440fxBelow, i440fxSplit = 0xe0000000, 0xc0000000
	q35Below, q35Split       = 0xb0000000, 0x80000000
)

// memoryMap tells where in guest-physical memory the machine's RAM is.
func (m *Machine) memoryMap() []span {
	ram := m.ram()
	if ram == nil {
		return nil
	}
	size := ram.Size()
	below, split := size+1, size
	switch name := m.guest.Configuration().Machine; {
	case strings.HasPrefix(name, "pc-i440fx-"):
		below, split = i440fxBelow, i440fxSplit
	case strings.HasPrefix(name, "pc-q35-"):
		below, split = q35Below, q35Split
	}
	if size < below {
		return []span{{0, ram, 0, size}}
	}
	return []span{{0, ram, 0, split}, {fourGiB, ram, split, size - split}}
}

// ram is the block that is the machine's main memory: the one with the name
// that all pcs give it, or else the largest.
func (m *Machine) ram() (ram *memory.Block) {
	for _, b := range m.guest.Blocks() {
		if b.Name() == "pc.ram" {
			return b
		}
		if ram == nil || b.Size() > ram.Size() {
			ram = b
		}
	}
	return ram
}

// ReadPhys reads guest-physical memory from addr on into p. Where there is no
// RAM it reads zeros. The machine may run, or be migrated in either direction;
// in postcopy ReadPhys waits for what has not come, until ctx ends.
func (m *Machine) ReadPhys(ctx context.Context, addr uint64, p []byte) error {
	clear(p)
	return m.physical(ctx, addr, p, (*memory.Block).WaitRange,
		func(s span, at uint64, p []byte) { copy(p, s.block.Bytes()[at:]) })
}

// WritePhys writes p to guest-physical memory from addr on, as a device would.
// What meets no RAM is lost. It waits as ReadPhys does.
func (m *Machine) WritePhys(ctx context.Context, addr uint64, p []byte) error {
	return m.physical(ctx, addr, p, (*memory.Block).WaitWriteRange, func(s span, at uint64, p []byte) {
		copy(s.block.Bytes()[at:], p)
		for n := at / memory.PageSize; n <= (at+uint64(len(p))-1)/memory.PageSize; n++ {
			s.block.MarkWritten(n)
		}
	})
}

// waiting waits until a piece of a block may be touched.
type waiting func(b *memory.Block, at, size uint64, stop <-chan struct{}) bool

// physical calls do for each part of p that has RAM behind it.
func (m *Machine) physical(ctx context.Context, addr uint64, p []byte, wait waiting, do func(s span, at uint64, p []byte)) error {
	m.access.RLock()
	defer m.access.RUnlock()
	if m.gone {
		return qapi.Errorf("The machine is closed")
	}
	end := addr + uint64(len(p))
	if end < addr {
		end = ^uint64(0)
	}
	for _, s := range m.memoryMap() {
		from, to := max(addr, s.addr), min(end, s.addr+s.size)
		if from >= to {
			continue
		}
		at := s.offset + from - s.addr
		if !wait(s.block, at, to-from, ctx.Done()) {
			return errAbsent(ctx)
		}
		do(s, at, p[from-addr:to-addr])
	}
	return nil
}

// errAbsent is the error of a wait for memory that ended before it was there.
func errAbsent(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return qapi.Errorf("The memory of the guest has not come")
}
