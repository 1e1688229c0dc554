package ram

import (
	"errors"
	"fmt"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
	"qmpmigrate/core/xbzrle"
)

// difference takes the rest of a record that says what changes in a page.
func (l *Loader) difference(r *stream.Reader, b *memory.Block, page uint64) error {
	encoding, length := r.U8(), r.U16()
	if r.Err() != nil {
		return stream.EIO(r.Err())
	}
	err := errors.New("Failed to load XBZRLE page - wrong compression!")
	switch {
	case encoding != wire.XBZRLEEncoding:
	case length > memory.PageSize:
		err = errors.New("Failed to load XBZRLE page - len overflow!")
	default:
		var encoded []byte
		if encoded, err = r.Peek(int(length)); err != nil {
			return stream.EIO(err)
		}
		l.inflaters.settle(b.Page(page))
		if length > 0 {
			b.Populate(page, 1)
		}
		if xbzrle.Decode(b.Page(page), encoded) {
			r.Skip(int64(length))
			return nil
		}
		err = errors.New("Failed to load XBZRLE page - decode error!")
	}
	return fmt.Errorf("Failed to decompress XBZRLE page at %x: %w", page*memory.PageSize, err)
}
