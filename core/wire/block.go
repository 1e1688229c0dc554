package wire

import "encoding/binary"

// BlockVersion is the only version of the block section's body.
const BlockVersion = 1

// BlockFlags is the kind of a record in the block section: the low bits of the
// word that opens it. The rest of the word is a sector, or a percentage.
type BlockFlags uint64

// Kinds of records, and one modifier (Zero).
const (
	// BlockDevice is a piece of a disk: its name follows, and then its bytes.
	BlockDevice BlockFlags = 0x01
	// BlockEOS ends the body.
	BlockEOS BlockFlags = 0x02
	// BlockProgress tells how much of all disks was sent, in percent.
	BlockProgress BlockFlags = 0x04
	// BlockZero is that of a piece which is all zeros: no bytes follow.
	BlockZero BlockFlags = 0x08
)

// BlockPiece is how many bytes of a disk go at once. The last piece of a disk
// is as long as all others, wherever the disk ends.
const BlockPiece = 1 << 20

// The unit of places on a disk.
const (
	blockSectorBits = 9
	BlockSector     = 1 << blockSectorBits
)

// SplitBlock takes the word of a record apart.
func SplitBlock(word uint64) (sector uint64, flags BlockFlags) {
	return word >> blockSectorBits, BlockFlags(word & (BlockSector - 1))
}

// AppendBlock appends the word of a record: of a sector, or a percentage.
func AppendBlock(b []byte, sector uint64, flags BlockFlags) []byte {
	return binary.BigEndian.AppendUint64(b, sector<<blockSectorBits|uint64(flags))
}
