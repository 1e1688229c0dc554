package qcow2

import (
	"encoding/binary"
	"errors"

	"qmpmigrate/core/block"
)

// LoadBitmaps gives the bitmaps that the image keeps. In an image that is to be
// written they are in use from now on: what the file has of them is old.
func (i *Image) LoadBitmaps() ([]*block.Bitmap, error) {
	var list []*block.Bitmap
	memory, fresh := int64(0), false
	for n := range i.bitmaps.entries {
		e := &i.bitmaps.entries[n]
		if memory += bitmapBytes(i.Size(), e.granularityBits); memory > maxAllBitmaps {
			return nil, errors.New("Too much space will be occupied by the bitmaps")
		}
		b, err := i.loadBitmap(e)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
		if e.flags&bitmapInUse == 0 {
			fresh = true
		}
	}
	if !fresh || i.readOnly() {
		return list, nil
	}
	for n := range i.bitmaps.entries {
		i.bitmaps.entries[n].flags |= bitmapInUse
	}
	if err := i.storeDirectory(); err != nil {
		return nil, block.Failed(err, "Can't update bitmap directory")
	}
	return list, nil
}

func (i *Image) loadBitmap(e *bitmapEntry) (*block.Bitmap, error) {
	if e.flags&bitmapInUse != 0 {
		b := block.NewBitmap(e.name, 1<<e.granularityBits, i.Size())
		b.SetState(func(s *block.State) { s.Persistent, s.Inconsistent = true, true })
		return b, nil
	}
	table, err := i.bitmapTable(e)
	if err != nil {
		return nil, err
	}
	b := block.NewBitmap(e.name, 1<<e.granularityBits, i.Size())
	b.SetState(func(s *block.State) { s.Persistent, s.Enabled = true, e.flags&bitmapAuto != 0 })
	words := make([]uint64, i.clusterSize/8)
	for n, at := range table {
		first := int64(n) * i.clusterSize * 8
		if first >= b.Pieces() || at == 0 {
			continue
		}
		if off := int64(at & offsetMask); off != 0 {
			if _, err := i.s.ReadAt(i.buffer, off); err != nil {
				return nil, block.Failed(err, "Could not read bitmap '%s' from image", e.name)
			}
			for w := range words {
				words[w] = binary.LittleEndian.Uint64(i.buffer[w*8:])
			}
		} else {
			for w := range words {
				words[w] = ^uint64(0)
			}
		}
		b.SetWords(first, words)
	}
	return b, nil
}

// storeDirectory writes the directory in its place. Until it is whole the image
// says that its bitmaps are none.
func (i *Image) storeDirectory() error {
	if err := i.markBitmaps(false); err != nil {
		return err
	}
	var p []byte
	for n := range i.bitmaps.entries {
		p = appendBitmapEntry(p, &i.bitmaps.entries[n])
	}
	if _, err := i.s.WriteAt(p, int64(i.bitmaps.directory)); err != nil {
		return err
	}
	return i.markBitmaps(true)
}

// markBitmaps lets the header say whether bitmaps are what they should be.
func (i *Image) markBitmaps(good bool) error {
	i.h.autoclear &^= autoclearBitmaps
	if good {
		i.h.autoclear |= autoclearBitmaps
	}
	return i.putHeader64(atAutoclear, i.h.autoclear)
}
