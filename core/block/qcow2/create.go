package qcow2

import (
	"encoding/binary"
	"errors"
	"fmt"

	"qmpmigrate/core/block"
)

// CreateOptions say what a new image is like.
type CreateOptions struct {
	// Size is the length of the disk, in bytes.
	Size int64
	// Version is 2 or 3; 0 is 3.
	Version int
	// ClusterBits say how large clusters are; 0 is 16.
	ClusterBits int
	// RefcountBits say how wide counts are; 0 is 16.
	RefcountBits int
	// BackingFile and BackingFormat are what lies beneath; empty for nothing.
	BackingFile, BackingFormat string
}

// Create writes an image without content to s, which is empty.
func Create(s block.Storage, o CreateOptions) error {
	h := header{version: 3, clusterBits: 16, refcountOrder: 4, length: headerRead}
	if o.Version == 2 {
		h.version, h.length = 2, headerV2
	}
	if o.ClusterBits != 0 {
		h.clusterBits = uint32(o.ClusterBits)
	}
	for order := uint32(0); order <= 6; order++ {
		if o.RefcountBits == 1<<order {
			h.refcountOrder = order
		}
	}
	if h.clusterBits < minClusterBits || h.clusterBits > maxClusterBits {
		return fmt.Errorf("Cluster size must be a power of two between %d and %dk", 1<<minClusterBits, 1<<(maxClusterBits-10))
	}
	if o.Size < 0 || h.sizeToL1(uint64(o.Size)) > maxL1 {
		return errors.New("The image size is too large for file format 'qcow2'")
	}
	// The header, the refcount table and its first block, for a disk of no size.
	size := int64(1) << h.clusterBits
	h.refTableOffset, h.refTableClusters = uint64(size), 1
	p, err := h.cluster(o)
	if err != nil {
		return err
	}
	p = append(p, make([]byte, 2*size)...)
	binary.BigEndian.PutUint64(p[size:], uint64(2*size))
	i := &Image{h: h, clusterSize: size}
	for c := range int64(3) {
		i.setCountIn(p[2*size:], c, 1)
	}
	if _, err := s.WriteAt(p, 0); err != nil {
		return err
	}
	if i, err = Open(s, Options{}); err != nil {
		return err
	}
	if err := i.growL1(int64(h.sizeToL1(uint64(o.Size)))); err != nil {
		return err
	}
	return errors.Join(i.resized(uint64(o.Size)), i.Close())
}

// cluster is the first one of an image: the header and what follows it.
func (h *header) cluster(o CreateOptions) ([]byte, error) {
	size := 1 << h.clusterBits
	be := binary.BigEndian
	p := make([]byte, h.length, size)
	be.PutUint32(p, magic)
	be.PutUint32(p[4:], h.version)
	be.PutUint32(p[20:], h.clusterBits)
	be.PutUint64(p[atRefTable:], h.refTableOffset)
	be.PutUint32(p[atRefTable+8:], h.refTableClusters)
	if h.version >= 3 {
		be.PutUint32(p[96:], h.refcountOrder)
		be.PutUint32(p[100:], h.length)
	}
	var list []extension
	if o.BackingFormat != "" {
		list = append(list, extension{extensionBacking, []byte(o.BackingFormat)})
	}
	p = appendExtensions(p, list)
	if o.BackingFile != "" {
		be.PutUint64(p[8:], uint64(len(p)))
		be.PutUint32(p[16:], uint32(len(o.BackingFile)))
		p = append(p, o.BackingFile...)
	}
	if len(p) > size || len(o.BackingFile) > maxBackingName {
		return nil, errors.New("Backing file name too long")
	}
	return p[:size], nil
}
