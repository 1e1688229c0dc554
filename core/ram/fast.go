package ram

import (
	"encoding/binary"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// fast takes the records that make up nearly all of a stream, pages and zeros
// of the same block as before, straight from the reader's buffer. Where each
// is told of, record takes them all.
func (l *Loader) fast(r *stream.Reader) error {
	b := l.last
	if b == nil || l.inflaters.underWay || l.trace.record.On() {
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
				return stream.EIO(r.Err())
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
			if len(buf) >= wire.RAMPageSize {
				copy(b.Page(page), buf[wire.RAMHeaderSize:wire.RAMPageSize])
				r.Advance(wire.RAMPageSize)
			} else {
				r.Advance(wire.RAMHeaderSize)
				normal += l.direct(r, b, page)
				if r.Err() != nil {
					return stream.EIO(r.Err())
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
