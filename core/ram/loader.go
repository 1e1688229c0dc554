package ram

import (
	"encoding/binary"
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

// Limits on what a source may announce.
const (
	// maxBlocks bounds the block list: real machines have tens.
	maxBlocks = 4096
	// maxTotal bounds the announced memory: 64 TiB.
	maxTotal = 1 << 46
)

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

// list reads the block list of the START body.
func (l *Loader) list(r *stream.Reader, total uint64) error {
	if total > maxTotal {
		return fmt.Errorf("announced RAM of %d bytes is more than this server takes", total)
	}
	for total > 0 {
		name := r.CountedString()
		used := r.U64()
		if r.Err() != nil {
			return eio(r.Err())
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
		l.blocks[name] = b
		total -= used
	}
	return nil
}

const recordSize = wire.RAMHeaderSize + memory.PageSize

// fast takes the records that make up nearly all of a stream, pages and zeros
// of the same block as before, straight from the reader's buffer.
func (l *Loader) fast(r *stream.Reader) error {
	b := l.last
	if b == nil {
		return nil
	}
	var normal, zero uint64
	defer func() {
		l.stats.Normal.Add(normal)
		l.stats.Zero.Add(zero)
	}()
	for {
		buf := r.Buffered()
		if len(buf) <= wire.RAMHeaderSize {
			pages := l.onward(r, b)
			normal += pages
			if r.Err() != nil {
				return eio(r.Err())
			}
			if pages == 0 {
				return nil
			}
			continue
		}
		addr, flags := wire.SplitRAM(binary.BigEndian.Uint64(buf))
		if addr >= b.Size() {
			return nil // record says what is wrong
		}
		page := addr / memory.PageSize
		switch flags {
		case wire.RAMPage | wire.RAMContinue:
			l.ahead.expect(b, page)
			if len(buf) >= recordSize {
				copy(b.Page(page), buf[wire.RAMHeaderSize:recordSize])
				r.Advance(recordSize)
			} else {
				r.Advance(wire.RAMHeaderSize)
				normal += l.direct(r, b, page)
				if r.Err() != nil {
					return eio(r.Err())
				}
			}
			b.Populate(page, 1)
			normal++
		case wire.RAMZero | wire.RAMContinue:
			r.Advance(wire.RAMHeaderSize)
			if err := l.zero(r, b, page); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}
