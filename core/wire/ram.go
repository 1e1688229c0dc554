package wire

import "encoding/binary"

// RAMVersion is the only version of the ram section's body.
const RAMVersion = 4

// RAMFlags is the kind of a record in the ram section: the low bits of the
// word that opens it. The rest of the word is an address or a length.
type RAMFlags uint64

// Kinds of records, and one modifier (Continue).
const (
	RAMFull         RAMFlags = 0x001
	RAMZero         RAMFlags = 0x002
	RAMMemSize      RAMFlags = 0x004
	RAMPage         RAMFlags = 0x008
	RAMEOS          RAMFlags = 0x010
	RAMContinue     RAMFlags = 0x020
	RAMXBZRLE       RAMFlags = 0x040
	RAMHook         RAMFlags = 0x080
	RAMCompressPage RAMFlags = 0x100
	RAMMultiFDFlush RAMFlags = 0x200
)

// PageBits and PageSize are the target page of x86: the flags fill its offset bits.
const (
	PageBits = 12
	PageSize = 1 << PageBits
)

// RAMHeaderSize is the length of the word that opens a record.
const RAMHeaderSize = 8

// SplitRAM takes the word of a record apart.
func SplitRAM(word uint64) (addr uint64, flags RAMFlags) {
	return word &^ (PageSize - 1), RAMFlags(word & (PageSize - 1))
}

// RAMPageSize is the length of a record that carries a page and does not name its block.
const RAMPageSize = RAMHeaderSize + PageSize

// AppendRAM appends the word of a record. addr is a multiple of PageSize.
func AppendRAM(b []byte, addr uint64, flags RAMFlags) []byte {
	return binary.BigEndian.AppendUint64(b, addr|uint64(flags))
}

// AppendRAMName appends the word of a page record that names its block.
func AppendRAMName(b []byte, addr uint64, flags RAMFlags, block string) []byte {
	return AppendCounted(AppendRAM(b, addr, flags), block)
}

// AppendRAMSize appends one entry of the block list in the START body.
func AppendRAMSize(b []byte, block string, used uint64) []byte {
	return binary.BigEndian.AppendUint64(AppendCounted(b, block), used)
}
