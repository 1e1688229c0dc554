package qcow2

import (
	"encoding/binary"
	"errors"

	"qmpmigrate/core/block"
)

// load reads the header and the tables of the first level.
func (i *Image) load() error {
	p := make([]byte, headerRead)
	if _, err := i.s.ReadAt(p, 0); err != nil {
		return block.Failed(err, "Could not read qcow2 header")
	}
	h, err := parseHeader(p)
	if err != nil {
		return err
	}
	i.h = h
	i.clusterBits, i.l2Bits, i.clusterSize = uint(h.clusterBits), uint(h.clusterBits)-3, 1<<h.clusterBits
	if err := i.loadExtensions(); err != nil {
		return err
	}
	if err := i.refuse(); err != nil {
		return err
	}
	if err := h.checkTables(); err != nil {
		return err
	}
	if err := i.loadBacking(); err != nil {
		return err
	}
	if err := i.openData(); err != nil {
		return err
	}
	if i.l1, err = i.readTable(int64(h.l1Offset), int64(h.l1Size)); err != nil {
		return block.Failed(err, "Could not read L1 table")
	}
	if i.refTable, err = i.readTable(int64(h.refTableOffset), int64(h.refTableClusters)<<i.l2Bits); err != nil {
		return block.Failed(err, "Could not initialize refcount handling")
	}
	if i.snapshots, err = i.loadSnapshots(); err != nil {
		return err
	}
	if err := i.loadDirectory(); err != nil {
		return err
	}
	i.l2 = newCache(i.s, i.clusterSize, i.flush)
	i.counts = newCache(i.s, i.clusterSize, i.flushCounts)
	i.buffer, i.zeros = make([]byte, i.clusterSize), make([]byte, i.clusterSize)
	i.l1Dirty, i.hint, i.pending, i.inflater = span{}, 0, nil, inflater{}
	return i.begin()
}

// begin makes an image that is to be written ready for that.
func (i *Image) begin() error {
	if i.readOnly() {
		return nil
	}
	if clear := i.h.autoclear &^ (autoclearBitmaps | autoclearRawData); clear != 0 {
		i.h.autoclear &^= clear
		if err := i.putHeader64(atAutoclear, i.h.autoclear); err != nil {
			return block.Failed(err, "Could not update qcow2 header")
		}
	}
	if i.bitmaps.stale {
		if err := i.storeExtensions(); err != nil {
			return block.Failed(err, "Could not update qcow2 header")
		}
		i.bitmaps = bitmapArea{}
	}
	if i.h.incompatible&incompatibleDirty != 0 {
		if err := i.repair(); err != nil {
			return block.Failed(err, "Could not repair dirty image")
		}
	}
	return nil
}

// refuse says what of the image's features is not for us.
func (i *Image) refuse() error {
	switch h := &i.h; {
	case h.incompatible&^uint64(incompatibleKnown) != 0:
		return unsupported(i.extensions, h.incompatible&^uint64(incompatibleKnown))
	case h.incompatible&incompatibleCorrupt != 0 && !i.options.ReadOnly:
		return errCorrupt
	case h.incompatible&incompatibleExtendedL2 != 0:
		return notYet("A qcow2 image with extended L2 entries")
	case h.crypt != 0:
		return notYet("An encrypted qcow2 image")
	}
	return nil
}

func notYet(what string) error { return errors.New(what + " is not supported yet by this build") }

func (i *Image) loadExtensions() error {
	end := i.clusterSize
	if i.h.backingOffset != 0 {
		end = int64(i.h.backingOffset)
	}
	begin := int64(i.h.length)
	if begin > end {
		return nil
	}
	p := make([]byte, end-begin)
	if _, err := i.s.ReadAt(p, begin); err != nil {
		return block.Failed(err, "Could not read qcow2 header")
	}
	list, err := parseExtensions(p)
	if err != nil {
		return err
	}
	i.extensions, i.backingFormat, i.dataFile = list, "", ""
	i.bitmaps = bitmapArea{}
	for _, e := range list {
		switch e.kind {
		case extensionBacking:
			if len(e.data) >= maxFormatName {
				return errors.New("ERROR: ext_backing_format: too large")
			}
			i.backingFormat = string(e.data)
		case extensionDataFile:
			i.dataFile = string(e.data)
		case extensionBitmaps:
			if err := i.bitmaps.parse(i, e.data); err != nil {
				return err
			}
		}
	}
	return nil
}

func (i *Image) loadBacking() error {
	i.backingFile = ""
	if i.h.backingOffset == 0 {
		return nil
	}
	if int64(i.h.backingSize) > min(maxBackingName, i.clusterSize-int64(i.h.backingOffset)) {
		return errors.New("Backing file name too long")
	}
	name := make([]byte, i.h.backingSize)
	if _, err := i.s.ReadAt(name, int64(i.h.backingOffset)); err != nil {
		return block.Failed(err, "Could not read backing file name")
	}
	i.backingFile = string(name)
	return nil
}

// readTable reads n numbers, of which the caller knows that they are not too many.
func (i *Image) readTable(off, n int64) ([]uint64, error) {
	const piece = 1 << 16
	table := make([]uint64, 0, min(n, piece))
	p := make([]byte, min(n, piece)*8)
	for n > 0 {
		part := p[:min(n, piece)*8]
		// A table that goes beyond the file is no reason to take memory for it.
		if off >= i.s.Size() && len(table) > 0 {
			return nil, errors.New("Input/output error")
		}
		if _, err := i.s.ReadAt(part, off); err != nil {
			return nil, err
		}
		for at := 0; at < len(part); at += 8 {
			table = append(table, binary.BigEndian.Uint64(part[at:]))
		}
		off, n = off+int64(len(part)), n-int64(len(part)/8)
	}
	return table, nil
}

// putHeader64 writes a number into the header, at once.
func (i *Image) putHeader64(at int64, n uint64) error {
	return i.putHeader(at, binary.BigEndian.AppendUint64(nil, n))
}

// putHeader writes into the header after all that was written before, and
// before all that will be.
func (i *Image) putHeader(at int64, p []byte) error {
	if err := i.s.Flush(); err != nil {
		return err
	}
	if _, err := i.s.WriteAt(p, at); err != nil {
		return err
	}
	return i.s.Flush()
}
