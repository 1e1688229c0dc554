package qcow2

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"qmpmigrate/core/block"
)

// CanStoreBitmap says why a further bitmap could not be kept.
func (i *Image) CanStoreBitmap(name string, granularity int64, others int) error {
	if err := i.canStore(name, granularity); err != nil {
		return err
	}
	if others >= maxBitmaps {
		return errors.New("Maximum number of persistent bitmaps is already reached")
	}
	return nil
}

// StoreBitmaps keeps these bitmaps, and no others. Those that are inconsistent
// stay as they are in the file.
func (i *Image) StoreBitmaps(list []*block.Bitmap) error {
	if len(list) == 0 && i.bitmaps.number == 0 {
		return nil
	}
	if err := i.changeable(); err != nil {
		return err
	}
	for _, b := range list {
		if err := i.canStore(b.Name(), b.Granularity()); err != nil && !b.State().Inconsistent {
			return fmt.Errorf("Bitmap '%s' doesn't satisfy the constraints: %w", b.Name(), err)
		}
	}
	old := i.bitmaps
	next := bitmapArea{}
	var kept []string
	for _, b := range list {
		at := slices.IndexFunc(old.entries, func(e bitmapEntry) bool { return e.name == b.Name() })
		if b.State().Inconsistent {
			if at >= 0 {
				next.entries = append(next.entries, old.entries[at])
				kept = append(kept, b.Name())
			}
			continue
		}
		e, err := i.storeBitmap(b)
		if err != nil {
			return block.Failed(err, "Failed to write bitmap '%s' to file", b.Name())
		}
		next.entries = append(next.entries, e)
	}
	if err := i.placeDirectory(&next); err != nil {
		return block.Failed(err, "Failed to update bitmap extension")
	}
	return i.forgetBitmaps(old, kept)
}

// storeBitmap writes the bits of one, in clusters that nothing names yet.
func (i *Image) storeBitmap(b *block.Bitmap) (e bitmapEntry, err error) {
	per := i.clusterSize * 8
	table := make([]uint64, (b.Pieces()+per-1)/per)
	words := make([]uint64, i.clusterSize/8)
	for n := range table {
		b.Words(int64(n)*per, words)
		if !slices.ContainsFunc(words, func(w uint64) bool { return w != 0 }) {
			continue
		}
		for w, bits := range words {
			binary.LittleEndian.PutUint64(i.buffer[w*8:], bits)
		}
		cluster, _, err := i.allocate(1)
		if err != nil {
			return e, err
		}
		if _, err := i.s.WriteAt(i.buffer, cluster<<i.clusterBits); err != nil {
			return e, err
		}
		table[n] = uint64(cluster) << i.clusterBits
	}
	first, err := i.allocateAll(i.clustersOf(int64(len(table)) * 8))
	if err != nil {
		return e, err
	}
	e = bitmapEntry{table: uint64(first) << i.clusterBits, clusters: uint32(len(table)), name: b.Name(),
		granularityBits: byte(bits.TrailingZeros64(uint64(b.Granularity())))}
	if b.State().Enabled {
		e.flags |= bitmapAuto
	}
	return e, i.writeTable(table, first<<i.clusterBits)
}

// placeDirectory writes a directory to a new place and lets the header name it.
func (i *Image) placeDirectory(b *bitmapArea) error {
	var p []byte
	for n := range b.entries {
		p = appendBitmapEntry(p, &b.entries[n])
	}
	if len(p) > maxBitmapDirectory {
		return errors.New("Bitmap directory is too large")
	}
	b.number, b.size = uint32(len(b.entries)), uint64(len(p))
	if b.number > 0 {
		first, err := i.allocateAll(i.clustersOf(int64(len(p))))
		if err != nil {
			return err
		}
		b.directory = uint64(first) << i.clusterBits
		if _, err := i.s.WriteAt(p, int64(b.directory)); err != nil {
			return err
		}
	}
	if err := i.flush(); err != nil {
		return err
	}
	if err := i.markBitmaps(false); err != nil {
		return err
	}
	i.bitmaps = *b
	if err := i.storeExtensions(); err != nil || b.number == 0 {
		return err
	}
	return i.markBitmaps(true)
}

// forgetBitmaps gives back what bitmaps took, but for those that were kept.
func (i *Image) forgetBitmaps(old bitmapArea, kept []string) error {
	free := func(first, n int64) error { return i.addCount(first, n, -1) }
	for n := range old.entries {
		if slices.Contains(kept, old.entries[n].name) {
			continue
		}
		if err := i.clustersOfBitmap(&old.entries[n], free); err != nil {
			return err
		}
	}
	if old.number == 0 {
		return nil
	}
	return free(int64(old.directory)>>i.clusterBits, i.clustersOf(int64(old.size)))
}
