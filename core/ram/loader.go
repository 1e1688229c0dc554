package ram

import (
	"errors"
	"fmt"
	"io"

	"qmpmigrate/core/memory"
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
	target Blocks
	blocks map[string]*memory.Block
	last   *memory.Block // the block that the last page record named
	ahead  *ahead
	window window
	stats  *Stats
}

// NewLoader makes a loader into target.
func NewLoader(target Blocks, stats *Stats) *Loader {
	return &Loader{target: target, blocks: map[string]*memory.Block{}, ahead: newAhead(), stats: stats}
}

// Close ends what the loader does beside the incoming goroutine.
func (l *Loader) Close() { l.ahead.close() }

// Load reads one body (START, PART or END) up to and with its EOS record.
func (l *Loader) Load(r *stream.Reader, version uint32) error {
	if version != wire.RAMVersion {
		return fmt.Errorf("unsupported version %d of the ram section", version)
	}
	for {
		if err := l.fast(r); err != nil {
			return err
		}
		word := r.U64()
		if err := r.Err(); err != nil {
			return fmt.Errorf("Getting RAM address failed: %w", eio(err))
		}
		addr, flags := wire.SplitRAM(word)
		if flags == wire.RAMEOS {
			return nil
		}
		if err := l.record(r, addr, flags); err != nil {
			return err
		}
		if err := r.Err(); err != nil {
			return eio(err)
		}
	}
}

// eio names the end of the stream as QEMU does: an input/output error.
func eio(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("Input/output error: %w", io.ErrUnexpectedEOF)
	}
	return err
}

func (l *Loader) record(r *stream.Reader, addr uint64, flags wire.RAMFlags) error {
	switch flags &^ wire.RAMContinue {
	case wire.RAMMemSize:
		if flags&wire.RAMContinue != 0 {
			break
		}
		return l.list(r, addr)
	case wire.RAMPage:
		b, err := l.place(r, addr, flags)
		if err != nil {
			return err
		}
		page := addr / memory.PageSize
		l.ahead.expect(b, page)
		r.Full(b.Page(page))
		b.Populate(page, 1)
		l.stats.Normal.Add(1)
		return nil
	case wire.RAMZero:
		b, err := l.place(r, addr, flags)
		if err != nil {
			return err
		}
		return l.zero(r, b, addr/memory.PageSize)
	case wire.RAMMultiFDFlush:
		// A barrier between lanes: without lanes there is nothing to wait for.
		return nil
	}
	return fmt.Errorf("Unknown combination of migration flags: 0x%x", uint64(flags))
}

// place finds the page that a record is about.
func (l *Loader) place(r *stream.Reader, addr uint64, flags wire.RAMFlags) (*memory.Block, error) {
	if flags&wire.RAMContinue == 0 {
		name := r.CountedString()
		if r.Err() != nil {
			return nil, eio(r.Err())
		}
		b, ok := l.blocks[name]
		if !ok {
			return nil, fmt.Errorf("Can't find block %s", name)
		}
		l.last = b
	}
	if l.last == nil {
		return nil, errors.New("Ack, bad migration stream!")
	}
	if addr >= l.last.Size() {
		return nil, fmt.Errorf("Illegal RAM offset %x", addr)
	}
	return l.last, nil
}

// zero clears a page, without touching one that was never written.
func (l *Loader) zero(r *stream.Reader, b *memory.Block, page uint64) error {
	if fill := r.U8(); fill != 0 {
		return fmt.Errorf("Found a zero page with value %d", fill)
	}
	if b.Populated(page) {
		clear(b.Page(page))
	}
	l.stats.Zero.Add(1)
	return nil
}
