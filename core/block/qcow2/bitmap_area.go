package qcow2

import (
	"encoding/binary"
	"errors"
	"fmt"

	"qmpmigrate/core/block"
)

// bitmapArea is where the image keeps bitmaps.
type bitmapArea struct {
	number    uint32 // 0: none
	size      uint64 // bytes of the directory
	directory uint64 // its offset
	entries   []bitmapEntry
	// stale: someone wrote to the image who does not know bitmaps.
	stale bool
}

const bitmapExtension = 24

// parse decodes the header's extension.
func (b *bitmapArea) parse(i *Image, p []byte) error {
	if len(p) != bitmapExtension {
		return errors.New("bitmaps_ext: Invalid extension length")
	}
	if i.h.autoclear&autoclearBitmaps == 0 {
		b.stale = true
		i.options.Warn("a program lacking bitmap support modified this file, so all bitmaps are now considered inconsistent")
		return nil
	}
	be := binary.BigEndian
	number, size, directory := be.Uint32(p), be.Uint64(p[8:]), be.Uint64(p[16:])
	switch {
	case be.Uint32(p[4:]) != 0:
		return errors.New("bitmaps_ext: Reserved field is not zero")
	case number > maxBitmaps:
		return fmt.Errorf("bitmaps_ext: Image has %d bitmaps, exceeding the QEMU supported maximum of %d", number, maxBitmaps)
	case number == 0:
		return errors.New("found bitmaps extension with zero bitmaps")
	case directory&uint64(i.clusterSize-1) != 0 || directory > maxOffset:
		return errors.New("bitmaps_ext: invalid bitmap directory offset")
	case size > maxBitmapDirectory:
		return fmt.Errorf("bitmaps_ext: bitmap directory size (%d) exceeds the maximum supported size (%d)", size, maxBitmapDirectory)
	case size == 0:
		return errors.New("Requested bitmap directory size is zero")
	}
	b.number, b.size, b.directory = number, size, directory
	return nil
}

// loadDirectory reads the directory.
func (i *Image) loadDirectory() error {
	b := &i.bitmaps
	if b.number == 0 {
		return nil
	}
	if b.directory > uint64(i.s.Size()) || b.size > uint64(i.s.Size())-b.directory+uint64(i.clusterSize) {
		return errors.New("Failed to read bitmap directory: Input/output error")
	}
	p := make([]byte, b.size)
	if _, err := i.s.ReadAt(p, int64(b.directory)); err != nil {
		return block.Failed(err, "Failed to read bitmap directory")
	}
	list, err := parseBitmaps(p, int(b.number))
	if err != nil {
		return err
	}
	for n := range list {
		if err := list[n].check(i); err != nil {
			return err
		}
	}
	b.entries = list
	return nil
}

// bitmapTable reads the table of a bitmap.
func (i *Image) bitmapTable(e *bitmapEntry) ([]uint64, error) {
	table, err := i.readTable(int64(e.table), int64(e.clusters))
	if err == nil {
		for _, at := range table {
			if off := at & offsetMask; at&^uint64(offsetMask|bitmapOnes) != 0 || off != 0 && (at&bitmapOnes != 0 || off&uint64(i.clusterSize-1) != 0) {
				err = errors.New("Invalid argument")
			}
		}
	}
	if err != nil {
		return nil, block.Failed(err, "Could not read bitmap_table table from image for bitmap '%s'", e.name)
	}
	return table, nil
}

// bitmapClusters calls do with all clusters that bitmaps take.
func (i *Image) bitmapClusters(do func(first, n int64) error) error {
	if i.bitmaps.number == 0 {
		return nil
	}
	for n := range i.bitmaps.entries {
		if err := i.clustersOfBitmap(&i.bitmaps.entries[n], do); err != nil {
			return err
		}
	}
	return do(int64(i.bitmaps.directory)>>i.clusterBits, i.clustersOf(int64(i.bitmaps.size)))
}

func (i *Image) clustersOfBitmap(e *bitmapEntry, do func(first, n int64) error) error {
	table, err := i.bitmapTable(e)
	if err != nil {
		return err
	}
	for _, at := range table {
		if off := int64(at & offsetMask); off != 0 {
			if err := do(off>>i.clusterBits, 1); err != nil {
				return err
			}
		}
	}
	return do(int64(e.table)>>i.clusterBits, i.clustersOf(int64(e.clusters)*8))
}

func (i *Image) countBitmaps(refs references) error {
	return i.bitmapClusters(func(first, n int64) error {
		refs.add(first, n)
		return nil
	})
}
