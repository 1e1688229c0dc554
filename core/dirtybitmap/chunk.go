package dirtybitmap

import (
	"errors"
	"fmt"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// chunk is one chunk as it came. What it means depends on the bitmaps that
// there are; how long it is does not.
type chunk struct {
	kind         wire.DirtyFlags
	node, bitmap string

	granularity uint32 // of a Start
	state       wire.DirtyState

	sector  uint64 // of Bits
	sectors uint32
	bits    []byte // valid until the next chunk
}

// read takes a chunk from the stream.
func (c *chunk) read(r *stream.Reader, buffer *[wire.MaxDirtyBits]byte) error {
	*c = chunk{kind: wire.DirtyFlags(r.U8())}
	if c.kind&wire.DirtyMore != 0 {
		return fmt.Errorf("Unknown flags of a dirty bitmap: 0x%x", uint8(c.kind))
	}
	if c.kind&wire.DirtyNode != 0 {
		c.node = r.CountedString()
	}
	if c.kind&wire.DirtyBitmap != 0 {
		c.bitmap = r.CountedString()
	}
	switch {
	case c.kind&wire.DirtyStart != 0:
		c.granularity, c.state = r.U32(), wire.DirtyState(r.U8())
	case c.kind&wire.DirtyComplete != 0:
	case c.kind&wire.DirtyBits != 0:
		c.sector, c.sectors = r.U64(), r.U32()
		if c.kind&wire.DirtyZeroes != 0 {
			break
		}
		size := r.U64()
		if size > wire.MaxDirtyBits {
			return errors.New("Bitmap migration stream buffer allocation request is too large")
		}
		c.bits = buffer[:size]
		r.Full(c.bits)
	}
	return stream.EIO(r.Err())
}

// nothing says whether a chunk is about no bitmap.
func (c *chunk) nothing() bool { return c.kind&^wire.DirtyEOS == 0 }
