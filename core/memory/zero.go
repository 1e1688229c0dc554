package memory

import (
	"bytes"
	"encoding/binary"
)

// IsZero says whether p, usually a page, is all zeros. Who writes p meanwhile
// says so afterwards (MarkWritten), and it is looked at again.
//
// Most pages that are not zero show it at once: they are looked at in front, in
// the middle and at the end. Of the others all words are zero if the first is
// and each is the same as the one before, which the standard library compares
// as fast as memory can be read.
func IsZero(p []byte) bool {
	const word = 8
	n := len(p)
	if n < word {
		return len(bytes.Trim(p, "\x00")) == 0
	}
	at := func(i int) uint64 { return binary.LittleEndian.Uint64(p[i:]) }
	return at(0) == 0 && at((n-word)/2)|at(n-word) == 0 && bytes.Equal(p[word:], p[:n-word])
}

// IsZero says whether page n is all zeros. One that was never written is not
// looked at: that would only make the kernel map it.
func (b *Block) IsZero(n uint64) bool { return !b.Populated(n) || IsZero(b.Page(n)) }

// Clear makes page n zeros, without touching one that was never written.
func (b *Block) Clear(n uint64) {
	if !b.Populated(n) {
		return
	}
	clear(b.Page(n))
	if b.loads {
		b.dirty.set(n)
	}
}
