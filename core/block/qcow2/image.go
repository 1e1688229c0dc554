// Package qcow2 is disks in QEMU's own format: clusters that take room when they
// are written, an image beneath, and snapshots inside with the state of a VM.
//
// Guest clusters are found by two levels of tables, L1 and L2; how often each
// cluster of the file is used is counted likewise. Tables are changed in memory
// and written by flush, which keeps an order: counts go up before a table names
// a cluster, and down after no table does. So whatever is cut off leaves at
// worst clusters that nobody uses.
package qcow2

import (
	"errors"

	"qmpmigrate/core/block"
)

// Options say how an image is opened.
type Options struct {
	ReadOnly bool
	// Inactive reads the header and writes nothing before Activate.
	Inactive bool
	// Data opens the file that has the content of the disk, where that is
	// another one than the image's; name is what the image calls it. nil refuses
	// such images.
	Data func(name string) (block.Storage, error)
	// Warn gets what people should know. nil drops it.
	Warn func(text string)
}

// Image is an open one.
type Image struct {
	s       block.Storage
	options Options
	backing block.Backing
	data    block.Storage // nil where the content of the disk is in s

	h                          header
	extensions                 []extension
	backingFile, backingFormat string
	dataFile                   string

	clusterBits, l2Bits uint
	clusterSize         int64
	inactive            bool

	l1       []uint64
	l1Dirty  span // of entries
	l2       *cache
	refTable []uint64
	counts   *cache
	// hint is a cluster before which none is free.
	hint int64
	// pending are clusters whose counts go down once no table names them.
	pending []span

	snapshots []snapshot
	bitmaps   bitmapArea

	// buffer is one cluster, for a cluster that is written in part.
	buffer   []byte
	inflater inflater
	zeros    []byte // a cluster of them, never written
}

// span is a run of clusters, or of entries.
type span struct{ first, n int64 }

// Open opens the image in s, which stays its owner's.
func Open(s block.Storage, o Options) (*Image, error) {
	i := &Image{s: s, options: o, inactive: o.Inactive}
	if o.Warn == nil {
		i.options.Warn = func(string) {}
	}
	if err := i.load(); err != nil {
		return nil, err
	}
	return i, nil
}

// SetBacking says what lies beneath.
func (i *Image) SetBacking(b block.Backing) { i.backing = b }

// Size is the length of the disk.
func (i *Image) Size() int64 { return int64(i.h.size &^ (block.Sector - 1)) }

// Flush returns when what was written is safe.
func (i *Image) Flush() error {
	if i.readOnly() {
		return nil
	}
	if err := i.flush(); err != nil {
		return err
	}
	return i.flushContent()
}

// Close flushes.
func (i *Image) Close() error { return i.Flush() }

// Inactivate flushes, and forgets the tables.
func (i *Image) Inactivate() error {
	if err := i.Flush(); err != nil {
		return err
	}
	i.inactive = true
	return nil
}

// Activate reads the image as it is now.
func (i *Image) Activate() error {
	i.inactive = false
	if err := i.load(); err != nil {
		i.inactive = true
		return err
	}
	return nil
}

func (i *Image) readOnly() bool { return i.options.ReadOnly || i.inactive }

func (i *Image) corrupt() bool { return i.h.incompatible&incompatibleCorrupt != 0 }

// Info tells what the image says of itself.
func (i *Image) Info() block.Info {
	compression := "zlib"
	if i.h.compression == 1 {
		compression = "zstd"
	}
	return block.Info{
		ClusterSize: i.clusterSize, BackingFile: i.backingFile, BackingFormat: i.backingFormat,
		Dirty: i.h.incompatible&incompatibleDirty != 0,
		Qcow2: &block.Qcow2Info{
			Version: int(i.h.version), LazyRefcounts: i.h.compatible&compatibleLazy != 0,
			RefcountBits: 1 << i.h.refcountOrder, Corrupt: i.corrupt(), Compression: compression,
			VMStateOffset: i.vmState(), External: i.external(), DataFile: i.dataFile, RawData: i.rawData(),
		},
	}
}

var errCorrupt = errors.New("qcow2: Image is corrupt; cannot be opened read/write")
