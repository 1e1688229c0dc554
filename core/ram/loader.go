package ram

import (
	"errors"
	"fmt"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/rdma"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Blocks is what a loader asks of the machine that receives.
type Blocks interface {
	// Block finds or makes the block of that name, used bytes long, or says
	// in QEMU's words why the machine cannot take it.
	Block(name string, used uint64) (*memory.Block, error)
}

// Loader takes the ram section in. It belongs to the incoming goroutine.
type Loader struct {
	Cursor
	target  Blocks
	ahead   *ahead
	window  window
	stats   *Stats
	options Options
	// inflaters take pages that come compressed.
	inflaters inflaters
	// hostPages are the sizes of the source's host pages, or'ed together,
	// where the list tells those that are large.
	hostPages uint64
	takesOver bool
	lanes     arriving
	trace     loaderTrace
	bodies    uint64       // how many have begun
	rdma      *rdma.Target // nil: pages come in records only
}

// NewLoader makes a loader into target.
func NewLoader(target Blocks, stats *Stats, options Options) *Loader {
	return &Loader{Cursor: Cursor{blocks: map[string]*memory.Block{}, named: map[*memory.Block]bool{}},
		target: target, ahead: newAhead(), stats: stats,
		options: options, inflaters: inflaters{threads: max(options.DecompressThreads, 1)}}
}

// Close ends what the loader does beside the incoming goroutine.
func (l *Loader) Close() {
	l.inflaters.close()
	l.ahead.close()
}

// Load reads one body (START, PART or END) up to and with its EOS record.
func (l *Loader) Load(r *stream.Reader, version uint32) error {
	l.bodies++
	l.trace.start.Tell()
	err := l.load(r, version)
	l.trace.loaded(err, l.bodies)
	return err
}

func (l *Loader) load(r *stream.Reader, version uint32) error {
	if version != wire.RAMVersion {
		return fmt.Errorf("unsupported version %d of the ram section", version)
	}
	for {
		if err := l.fast(r); err != nil {
			return err
		}
		word := r.U64()
		if err := r.Err(); err != nil {
			return fmt.Errorf("Getting RAM address failed: %w", stream.EIO(err))
		}
		addr, flags := wire.SplitRAM(word)
		if flags == wire.RAMEOS {
			if err := l.inflaters.wait(); err != nil {
				return err
			}
			return l.lanes.section()
		}
		if err := l.record(r, addr, flags); err != nil {
			return err
		}
		if err := r.Err(); err != nil {
			return stream.EIO(err)
		}
	}
}

// LoadNone reads a body without pages, which syncs lanes as any does: QEMU ends the
// section once more where nothing but bitmaps follows the VM.
func (l *Loader) LoadNone(r *stream.Reader) error {
	for {
		_, flags := wire.SplitRAM(r.U64())
		if err := r.Err(); err != nil {
			return stream.EIO(err)
		}
		switch flags {
		case wire.RAMEOS:
			return l.lanes.section()
		case wire.RAMMultiFDFlush:
			if err := l.lanes.round(); err != nil {
				return err
			}
		default:
			return errors.New("RAM behind a VM that it does not follow")
		}
	}
}

// inRecords are flags that do not come where pages have their places in a file.
const inRecords = wire.RAMHook | wire.RAMMultiFDFlush | wire.RAMPage | wire.RAMXBZRLE | wire.RAMZero | wire.RAMCompressPage

func (l *Loader) record(r *stream.Reader, addr uint64, flags wire.RAMFlags) error {
	if bad := flags & inRecords; l.options.Mapped != nil && bad != 0 {
		return fmt.Errorf("Unexpected RAM flags: %d", uint64(bad))
	}
	switch kind := flags &^ wire.RAMContinue; {
	case kind == wire.RAMPage, kind == wire.RAMZero, kind == wire.RAMXBZRLE, kind == wire.RAMCompressPage:
		b, err := l.about(r, addr, flags)
		if err != nil {
			return err
		}
		return l.content(r, kind, b, addr/memory.PageSize)
	case flags == wire.RAMMemSize:
		if err := l.list(r, addr); err != nil {
			return err
		}
		l.lanes.listed(l.blocks)
		return nil
	case kind == wire.RAMHook && l.rdma != nil:
		return l.rdma.Serve()
	case kind == wire.RAMMultiFDFlush:
		return l.lanes.round()
	}
	return fmt.Errorf("Unknown combination of migration flags: 0x%x", uint64(flags))
}

// content takes what a record says of a page.
func (l *Loader) content(r *stream.Reader, kind wire.RAMFlags, b *memory.Block, page uint64) error {
	switch kind {
	case wire.RAMZero:
		return l.zero(r, b, page)
	case wire.RAMXBZRLE:
		return l.difference(r, b, page)
	case wire.RAMCompressPage:
		return l.compressed(r, b, page)
	}
	l.inflaters.settle(b.Page(page))
	l.ahead.expect(b, page)
	r.Full(b.Page(page))
	b.Populate(page, 1)
	l.stats.Normal.Add(1)
	return nil
}

// about is Place for a record that is told of.
func (l *Loader) about(r *stream.Reader, addr uint64, flags wire.RAMFlags) (*memory.Block, error) {
	b, err := l.Place(r, addr, flags)
	if err == nil {
		l.trace.page(b, addr, flags)
	}
	return b, err
}

// zero clears a page, without touching one that was never written.
func (l *Loader) zero(r *stream.Reader, b *memory.Block, page uint64) error {
	if fill := r.U8(); fill != 0 {
		return fmt.Errorf("Found a zero page with value %d", fill)
	}
	l.inflaters.settle(b.Page(page))
	b.Clear(page)
	l.stats.Zero.Add(1)
	return nil
}
