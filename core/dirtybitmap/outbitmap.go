package dirtybitmap

import (
	"qmpmigrate/core/block"
	"qmpmigrate/core/wire"
)

// outBitmap is a bitmap that goes.
type outBitmap struct {
	*block.Bitmap
	node             *block.Node
	nodeAlias, alias string
	state            wire.DirtyState // as the destination shall make it
	next             int64           // the first piece whose bit has not been sent
}

// take holds the bitmap, so that nobody changes it, and no image here keeps it.
func (b *outBitmap) take(to *MappedBitmap) (err error) {
	b.SetState(func(is *block.State) {
		if err = unusable(b.Name(), *is); err != nil {
			return
		}
		is.Busy, is.SkipStore = true, true
		if is.Enabled {
			b.state |= wire.DirtyEnabled
		}
		if to.keeps(is.Persistent) {
			b.state |= wire.DirtyPersistent
		}
	})
	return err
}

// perChunk is how many pieces go in one chunk: a multiple of 64, whose sectors
// can be counted in 32 bits.
func (b *outBitmap) perChunk() int64 {
	const most = 1 << 31 // sectors
	return min(wire.DirtyPieces, most/(b.Granularity()/block.Sector))
}
