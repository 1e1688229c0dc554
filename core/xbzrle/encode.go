// Package xbzrle writes a page as what differs from the page that went before
// it, and keeps the pages that went.
//
// An encoded page is a sequence of groups: how many bytes are the same, how
// many follow that are not, and these. Equal bytes at the end are left out.
// Both numbers take one or two bytes, seven bits in each, the low ones first.
package xbzrle

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// PageSize is the size of the pages that Cache keeps, in bytes.
const PageSize = 4096

// numberMax is what a number takes at most, in bytes.
const numberMax = 2

// MaxLength is how long a page may be that Encode takes: both numbers of a
// group are below 1<<14.
const MaxLength = 1<<14 - 1

// Encode writes to dst how new differs from old, which is as long, and says how
// many bytes that took: none where nothing differs. ok is false where dst is too short for it.
// Nobody may write to old and new meanwhile.
func Encode(dst, old, new []byte) (n int, ok bool) {
	for i := 0; i < len(new); {
		if n+numberMax > len(dst) {
			return 0, false
		}
		begin := i
		if i = skipSame(old, new, i); i == len(new) {
			break
		}
		n += putNumber(dst[n:], i-begin)
		if n+numberMax > len(dst) {
			return 0, false
		}
		begin = i
		i = skipOther(old, new, i)
		n += putNumber(dst[n:], i-begin)
		if n+i-begin > len(dst) {
			return 0, false
		}
		if i-begin <= 8 && n+8 <= len(dst) && begin+8 <= len(new) {
			// Most differences are short; what is written too much here does not count.
			binary.LittleEndian.PutUint64(dst[n:n+8], word(new, begin))
			n += i - begin
			continue
		}
		n += copy(dst[n:], new[begin:i])
	}
	return n, true
}

// stride is how many bytes are compared at once where words have been the same.
const stride = 256

// skipSame is the first i from here on where a and b differ.
func skipSame(a, b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		if x := word(a, i) ^ word(b, i); x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
		for i+8+stride <= len(b) && bytes.Equal(a[i+8:i+8+stride], b[i+8:i+8+stride]) {
			i += stride
		}
	}
	for i < len(b) && a[i] == b[i] {
		i++
	}
	return i
}

// skipOther is the first i from here on where a and b are the same.
func skipOther(a, b []byte, i int) int {
	const low, high = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		x := word(a, i) ^ word(b, i)
		// The lowest bit of this is in the first byte of x that is zero.
		if same := (x - low) & ^x & high; same != 0 {
			return i + bits.TrailingZeros64(same)/8
		}
	}
	for i < len(b) && a[i] != b[i] {
		i++
	}
	return i
}

func word(p []byte, i int) uint64 { return binary.LittleEndian.Uint64(p[i : i+8]) }

// putNumber writes v, which is below 1<<14, and says how many bytes it took.
func putNumber(dst []byte, v int) int {
	if v < 0x80 {
		dst[0] = byte(v)
		return 1
	}
	dst[0], dst[1] = byte(v)|0x80, byte(v>>7)
	return 2
}
