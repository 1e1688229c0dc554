package qcow2

import (
	"errors"

	"qmpmigrate/core/block"
)

// An image may keep the content of its disk in another file, each cluster at the
// place that it has on the disk. Its own file keeps the tables then, and counts
// only what is in it itself; there are neither snapshots nor compressed clusters.

func (i *Image) external() bool { return i.h.incompatible&incompatibleDataFile != 0 }

// rawData says whether the other file is to be the disk for whoever reads it alone:
// zeros have to be there as well.
func (i *Image) rawData() bool { return i.external() && i.h.autoclear&autoclearRawData != 0 }

// openData opens the other file.
func (i *Image) openData() error {
	switch {
	case !i.external() || i.data != nil:
		return nil
	case i.options.Data == nil:
		return notYet("A qcow2 image with an external data file")
	}
	data, err := i.options.Data(i.dataFile)
	if err != nil {
		return err
	}
	if data == nil {
		return errors.New("'data-file' is required for this image")
	}
	i.data = data
	return nil
}

// content is where the clusters of the disk are.
func (i *Image) content() block.Storage {
	if i.external() {
		return i.data
	}
	return i.s
}

// flushContent returns when what clusters hold is safe, and the counts are.
func (i *Image) flushContent() error {
	if i.external() {
		if err := i.data.Flush(); err != nil {
			return err
		}
	}
	return i.s.Flush()
}

// kindOf is what an entry says in this image: a cluster may be at the very
// beginning of the other file.
func (i *Image) kindOf(e uint64) kind {
	if i.external() && e&(compressed|zero) == 0 && e&copied != 0 {
		return normal
	}
	return kindOf(e)
}

// countsCluster says whether an entry names a whole cluster of the image's own file,
// which is counted and carries the mark of who has it alone.
func (i *Image) countsCluster(e uint64) bool {
	k := kindOf(e)
	return !i.external() && (k == normal || k == zeroKept)
}
