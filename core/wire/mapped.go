package wire

import (
	"encoding/binary"
	"fmt"
)

// In a file with mapped RAM each entry of the block list is followed by a
// header, a bitmap of the pages that are there, and a place for each page of
// the block; page i is at Pages + i*PageSize. The stream goes on behind.

const (
	// MappedVersion is the only version of the header.
	MappedVersion = 1
	// MappedHeaderSize is its length in bytes.
	MappedHeaderSize = 28
	// MappedAlign is what the first page's position is a multiple of, so that
	// pages can be written around the page cache.
	MappedAlign = 1 << 20
)

// MappedHeader says where in the file a block is, in bytes from the file's beginning.
type MappedHeader struct {
	PageSize uint64
	Bitmap   uint64
	Pages    uint64
}

// MappedAt lays out a block of that many pages whose header is at a position.
func MappedAt(position, pages uint64) MappedHeader {
	bitmap := position + MappedHeaderSize
	end := bitmap + BitmapSize(pages)
	return MappedHeader{PageSize: PageSize, Bitmap: bitmap, Pages: (end + MappedAlign - 1) / MappedAlign * MappedAlign}
}

// Append appends the header.
func (h *MappedHeader) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, MappedVersion)
	b = binary.BigEndian.AppendUint64(b, h.PageSize)
	b = binary.BigEndian.AppendUint64(b, h.Bitmap)
	return binary.BigEndian.AppendUint64(b, h.Pages)
}

// ParseMapped takes a header apart. What is wrong is told in QEMU's words.
func ParseMapped(b []byte) (h MappedHeader, err error) {
	if len(b) < MappedHeaderSize {
		return h, fmt.Errorf("Could not read whole mapped-ram migration header (expected %d, got %d bytes)",
			MappedHeaderSize, len(b))
	}
	if v := binary.BigEndian.Uint32(b); v > MappedVersion {
		return h, fmt.Errorf("Migration mapped-ram capability version not supported (expected <= %d, got %d)",
			MappedVersion, int32(v))
	}
	h.PageSize = binary.BigEndian.Uint64(b[4:])
	h.Bitmap = binary.BigEndian.Uint64(b[12:])
	h.Pages = binary.BigEndian.Uint64(b[20:])
	return h, nil
}
