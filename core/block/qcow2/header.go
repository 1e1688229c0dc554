package qcow2

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	magic = 0x514649fb // "QFI\xfb"

	headerV2 = 72
	headerV3 = 104
	// headerRead is how much of the header is understood here.
	headerRead = 112

	// Where fields are that change.
	atSize         = 24
	atL1           = 36 // entries, then offset
	atRefTable     = 48 // offset, then clusters
	atSnapshots    = 60 // number, then offset
	atIncompatible = 72
	atAutoclear    = 88
)

// Bits of incompatible, compatible and autoclear features.
const (
	incompatibleDirty       = 1 << 0
	incompatibleCorrupt     = 1 << 1
	incompatibleDataFile    = 1 << 2
	incompatibleCompression = 1 << 3
	incompatibleExtendedL2  = 1 << 4
	incompatibleKnown       = 1<<5 - 1

	compatibleLazy = 1 << 0

	autoclearBitmaps = 1 << 0
	autoclearRawData = 1 << 1
)

// header is the start of an image.
type header struct {
	version          uint32
	backingOffset    uint64
	backingSize      uint32
	clusterBits      uint32
	size             uint64
	crypt            uint32
	l1Size           uint32
	l1Offset         uint64
	refTableOffset   uint64
	refTableClusters uint32
	snapshots        uint32
	snapshotsOffset  uint64

	incompatible, compatible, autoclear uint64

	refcountOrder uint32
	length        uint32
	compression   byte // 0 zlib, 1 zstd
}

// parseHeader decodes the first headerRead bytes of an image, and checks what
// needs nothing else to be known.
func parseHeader(p []byte) (h header, err error) {
	be := binary.BigEndian
	if be.Uint32(p) != magic {
		return h, errors.New("Image is not in qcow2 format")
	}
	h = header{
		version: be.Uint32(p[4:]), backingOffset: be.Uint64(p[8:]), backingSize: be.Uint32(p[16:]),
		clusterBits: be.Uint32(p[20:]), size: be.Uint64(p[atSize:]), crypt: be.Uint32(p[32:]),
		l1Size: be.Uint32(p[atL1:]), l1Offset: be.Uint64(p[atL1+4:]),
		refTableOffset: be.Uint64(p[atRefTable:]), refTableClusters: be.Uint32(p[atRefTable+8:]),
		snapshots: be.Uint32(p[atSnapshots:]), snapshotsOffset: be.Uint64(p[atSnapshots+4:]),
		refcountOrder: 4, length: headerV2,
	}
	switch {
	case h.version < 2 || h.version > 3:
		return h, fmt.Errorf("Unsupported qcow2 version %d", h.version)
	case h.clusterBits < minClusterBits || h.clusterBits > maxClusterBits:
		return h, fmt.Errorf("Unsupported cluster size: 2^%d", h.clusterBits)
	}
	if h.version >= 3 {
		h.incompatible, h.compatible, h.autoclear = be.Uint64(p[atIncompatible:]), be.Uint64(p[80:]), be.Uint64(p[atAutoclear:])
		h.refcountOrder, h.length = be.Uint32(p[96:]), be.Uint32(p[100:])
		if h.length < headerV3 {
			return h, errors.New("qcow2 header too short")
		}
		if h.length > headerV3 {
			h.compression = p[104]
		}
	}
	clusterSize := uint64(1) << h.clusterBits
	switch {
	case uint64(h.length) > clusterSize:
		return h, errors.New("qcow2 header exceeds cluster size")
	case h.backingOffset > clusterSize:
		return h, errors.New("Invalid backing file offset")
	}
	return h, h.checkCompression()
}

func (h *header) checkCompression() error {
	if h.compression > 1 {
		return fmt.Errorf("qcow2: unknown compression type: %d", h.compression)
	}
	said := h.incompatible&incompatibleCompression != 0
	switch {
	case h.compression == 0 && said:
		return errors.New("qcow2: Compression type incompatible feature bit must not be set")
	case h.compression != 0 && !said:
		return errors.New("qcow2: Compression type incompatible feature bit must be set")
	}
	return nil
}

// checkTables checks where tables are and how long, and the rest of the header.
func (h *header) checkTables() error {
	switch {
	case h.refcountOrder > 6:
		return errors.New("Reference count entry width too large; may not exceed 64 bits")
	case h.refTableClusters == 0:
		return errors.New("Image does not contain a reference count table")
	}
	for _, t := range [...]struct {
		name            string
		offset, entries uint64
		bytes, max      uint64 // of one entry, of the table
	}{
		{"Reference count table", h.refTableOffset, uint64(h.refTableClusters), 1 << h.clusterBits, maxRefTable * 8},
		{"Snapshot table", h.snapshotsOffset, uint64(h.snapshots), snapshotFixed, maxSnapshots * snapshotFixed},
		{"Active L1 table", h.l1Offset, uint64(h.l1Size), 8, maxL1 * 8},
	} {
		if err := h.checkTable(t.name, t.offset, t.entries, t.bytes, t.max); err != nil {
			return err
		}
	}
	need := h.sizeToL1(h.size)
	switch {
	case need > 1<<31-1:
		return errors.New("Image is too big")
	case uint64(h.l1Size) < need:
		return errors.New("L1 table is too small")
	}
	return nil
}

func (h *header) checkTable(name string, offset, entries, bytes, maximum uint64) error {
	switch {
	case entries > maximum/bytes:
		return fmt.Errorf("%s too large", name)
	case offset > 1<<63-1-entries*bytes || offset&(1<<h.clusterBits-1) != 0:
		return fmt.Errorf("%s offset invalid", name)
	}
	return nil
}

// sizeToL1 is how many entries of an L1 table a disk of size bytes takes.
func (h *header) sizeToL1(size uint64) uint64 {
	shift := 2*h.clusterBits - 3
	return size>>shift + map[bool]uint64{true: 1}[size&(1<<shift-1) != 0]
}
