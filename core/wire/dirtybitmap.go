package wire

import "encoding/binary"

// DirtyVersion is the only version of the dirty-bitmap section's body.
const DirtyVersion = 1

// DirtyFlags is the kind of a chunk in the dirty-bitmap section: its first byte.
type DirtyFlags uint8

// Kinds of chunks, and three modifiers (Zeroes and the names).
const (
	// DirtyEOS ends the body.
	DirtyEOS DirtyFlags = 0x01
	// DirtyZeroes: no bit of the chunk is set, and none follow.
	DirtyZeroes DirtyFlags = 0x02
	// DirtyBitmap and DirtyNode: the names follow; one that does not is that of the chunk before.
	DirtyBitmap DirtyFlags = 0x04
	DirtyNode   DirtyFlags = 0x08
	// DirtyStart begins a bitmap.
	DirtyStart DirtyFlags = 0x10
	// DirtyComplete ends one.
	DirtyComplete DirtyFlags = 0x20
	// DirtyBits brings bits.
	DirtyBits DirtyFlags = 0x40
	// DirtyMore says that there are more flags, of which nobody knows any.
	DirtyMore DirtyFlags = 0x80
)

// DirtyState is what a bitmap is that begins.
type DirtyState uint8

// What a bitmap can be.
const (
	DirtyEnabled    DirtyState = 0x01
	DirtyPersistent DirtyState = 0x02
	// DirtyAutoload was written by old sources, and means nothing.
	DirtyAutoload DirtyState = 0x04
	// DirtyReserved are those that have no meaning.
	DirtyReserved DirtyState = 0xf8
)

const (
	// DirtyPieces is how many bits go in one chunk.
	DirtyPieces = 8 << 10
	// DirtyPad is what the length of a chunk's bits is a multiple of, in bytes.
	DirtyPad = 32
	// MaxDirtyBits is the most that a chunk may say to bring, in bytes.
	MaxDirtyBits = 10 << 10
)

// AppendDirty appends the head of a chunk: what it is, and those of the names,
// of at most 255 bytes each, that its flags say follow.
func AppendDirty(b []byte, kind DirtyFlags, node, bitmap string) []byte {
	b = append(b, byte(kind))
	if kind&DirtyNode != 0 {
		b = AppendCounted(b, node)
	}
	if kind&DirtyBitmap != 0 {
		b = AppendCounted(b, bitmap)
	}
	return b
}

// AppendDirtyStart appends what follows the head of a DirtyStart.
func AppendDirtyStart(b []byte, granularity uint32, state DirtyState) []byte {
	return append(binary.BigEndian.AppendUint32(b, granularity), byte(state))
}

// AppendDirtyRange appends what follows the head of a DirtyBits: which sectors
// it is about, of BlockSector bytes each.
func AppendDirtyRange(b []byte, sector uint64, sectors uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(b, sector), sectors)
}

// AppendDirtyBits appends what follows the range of a DirtyBits that has any: bit
// i%64 of word i/64 is the i-th piece. They are filled up to a multiple of DirtyPad.
func AppendDirtyBits(b []byte, words []uint64) []byte {
	size := (len(words)*8 + DirtyPad - 1) / DirtyPad * DirtyPad
	b = binary.BigEndian.AppendUint64(b, uint64(size))
	for _, w := range words {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return append(b, make([]byte, size-len(words)*8)...)
}

// ParseDirtyBits is the reverse of AppendDirtyBits, without the length. words
// has room for all of bits.
func ParseDirtyBits(words []uint64, bits []byte) {
	for i := range words {
		words[i] = binary.LittleEndian.Uint64(bits[i*8:])
	}
}
