package dirtybitmap

import (
	"errors"
	"fmt"
	"math/bits"

	"qmpmigrate/core/block"
	"qmpmigrate/core/wire"
)

// Bounds of what one stream can make, since a few bytes make a bitmap.
const (
	maxBitmaps = 1 << 12
	maxMemory  = 1 << 30 // bytes, of all bitmaps together
)

// inBitmap is a bitmap that comes. It records what the VM writes while it does:
// what was written and what comes add up.
type inBitmap struct {
	*block.Bitmap
	node    *block.Node
	enabled bool // it shall record
	whole   bool // all of it is here
}

// start makes a bitmap.
func (l *Loader) start(c *chunk, name string, to *MappedBitmap) error {
	granularity := int64(c.granularity)
	if l.bitmap != nil || l.node.Bitmap(name) != nil {
		return fmt.Errorf("Bitmap with the same name ('%s') already exists on destination", name)
	}
	if bits.OnesCount32(c.granularity) != 1 || granularity < block.Sector {
		return errors.New("Granularity must be power of 2 and at least 512")
	}
	if bad := c.state & wire.DirtyReserved; bad != 0 {
		return fmt.Errorf("Unknown flags in migrated dirty bitmap header: %x", uint8(c.state))
	}
	if name == "" {
		return errors.New("Bitmap name cannot be empty")
	}
	size := l.node.Size()
	l.bytes += size/granularity/8 + 8
	if l.started++; l.started > maxBitmaps || l.bytes > maxMemory {
		return errors.New("the dirty bitmaps of the stream are too many or too large")
	}
	b := &inBitmap{Bitmap: block.NewBitmap(name, granularity, size), node: l.node, enabled: c.state&wire.DirtyEnabled != 0}
	b.SetState(func(is *block.State) {
		is.Busy, is.Enabled = true, l.running && b.enabled
		is.Persistent = to.keeps(c.state&wire.DirtyPersistent != 0)
	})
	l.node.AddBitmap(b.Bitmap)
	l.arriving = append(l.arriving, b)
	l.bitmap = b
	return nil
}

// begin lets the bitmap record, if it shall.
func (b *inBitmap) begin() {
	if b.enabled {
		b.SetState(func(is *block.State) { is.Enabled = true })
	}
}

// bits takes a chunk of bits in.
func (b *inBitmap) bits(c *chunk, words []uint64) error {
	pieceSectors := uint64(b.Granularity() / block.Sector)
	end := c.sector + uint64(c.sectors)
	total := uint64(b.Size()+block.Sector-1) / block.Sector
	if end < c.sector || end > total {
		return fmt.Errorf("Migrated bitmap '%s' is about sectors beyond the end of the destination's disk", b.Name())
	}
	if c.sector%(64*pieceSectors) != 0 {
		return errGranularity(b.Name())
	}
	if c.kind&wire.DirtyZeroes != 0 {
		return nil
	}
	pieces := (uint64(c.sectors) + pieceSectors - 1) / pieceSectors
	needed := int((pieces + 63) / 64 * 8)
	padded := (needed + wire.DirtyPad - 1) / wire.DirtyPad * wire.DirtyPad
	if needed > len(c.bits) || len(c.bits) > padded {
		return errGranularity(b.Name())
	}
	words = words[:needed/8]
	wire.ParseDirtyBits(words, c.bits)
	b.SetWords(int64(c.sector/pieceSectors), words)
	return nil
}

func errGranularity(name string) error {
	return fmt.Errorf("Migrated bitmap granularity doesn't match the destination bitmap '%s' granularity", name)
}
