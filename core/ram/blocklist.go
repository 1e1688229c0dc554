package ram

import (
	"encoding/binary"
	"fmt"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
)

// Limits on what a source may announce.
const (
	// maxBlocks bounds the block list: real machines have tens.
	maxBlocks = 4096
	// maxTotal bounds the announced memory: 64 TiB.
	maxTotal = 1 << 46
)

// list reads the block list of the START body.
func (l *Loader) list(r *stream.Reader, total uint64) error {
	if total > maxTotal {
		return fmt.Errorf("announced RAM of %d bytes is more than this server takes", total)
	}
	for total > 0 {
		name := r.CountedString()
		used := r.U64()
		if r.Err() != nil {
			return stream.EIO(r.Err())
		}
		if used > total || used == 0 || used%memory.PageSize != 0 || len(l.blocks) == maxBlocks {
			return fmt.Errorf("bad length 0x%x of RAM block %q", used, name)
		}
		if _, ok := l.blocks[name]; ok {
			return fmt.Errorf("RAM block %q is listed twice", name)
		}
		b, err := l.target.Block(name, used)
		if err != nil {
			return err
		}
		if err := l.hostPage(r, b); err != nil {
			return err
		}
		if l.options.IgnoreShared {
			address := r.U64()
			if r.Err() != nil {
				return stream.EIO(r.Err())
			}
			switch {
			case !b.Shared():
				b.Place(address)
			case b.Address() != address:
				return fmt.Errorf("Mismatched GPAs for block %s %d!= %d", name, address, b.Address())
			}
		}
		if l.options.Mapped != nil {
			if err := l.mapped(r, b); err != nil {
				return err
			}
		}
		l.blocks[name] = b
		if l.rdma != nil && !(l.options.IgnoreShared && b.Shared()) {
			l.rdma.Listed(b)
		}
		total -= used
	}
	return nil
}

// Advise says what sizes of host pages the source has, or'ed together: it means
// to let RAM follow the VM, and lists the blocks with large pages as such. It
// comes before the list. takeOver is for a machine whose blocks are made as they
// are listed: they have the source's host pages.
func (l *Loader) Advise(hostPages uint64, takeOver bool) {
	l.hostPages, l.takesOver = hostPages, takeOver
}

// hostPage reads the size of the host pages of a block that was just listed,
// where it is there: what else can follow is no size of the source's. A block
// that was made for this stream takes the size over.
func (l *Loader) hostPage(r *stream.Reader, b *memory.Block) error {
	if l.hostPages&^(memory.PageSize) == 0 {
		return nil
	}
	size := uint64(memory.PageSize)
	next, err := r.Peek(8)
	if err != nil {
		return stream.EIO(err)
	}
	if n := binary.BigEndian.Uint64(next); n > memory.PageSize && n&(n-1) == 0 && n&l.hostPages != 0 {
		r.Skip(8)
		size = n
	}
	if l.takesOver && b.Size()%size == 0 {
		b.SetHostPage(size)
	}
	if own := b.HostPage(); own != size {
		return fmt.Errorf("Mismatched RAM page size %s (local) %d != %d", b.Name(), own, size)
	}
	return nil
}
