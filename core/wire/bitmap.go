package wire

import "encoding/binary"

// BitmapEnd follows the bits of a received bitmap.
const BitmapEnd uint64 = 0x0123456789abcdef

// BitmapSize is how many bytes the received bitmap of a block of that many
// pages has: page i is bit i%8 of byte i/8, and the bytes are filled up to words of 8.
func BitmapSize(pages uint64) uint64 { return (pages + 63) / 64 * 8 }

// AppendBitmap appends what follows a RECV_BITMAP message: the bits, filled up
// to whole words.
func AppendBitmap(b []byte, bits []byte) []byte {
	size := int(BitmapSize(uint64(len(bits)) * 8))
	b = binary.BigEndian.AppendUint64(b, uint64(size))
	b = append(b, bits...)
	b = append(b, make([]byte, size-len(bits))...)
	return binary.BigEndian.AppendUint64(b, BitmapEnd)
}
