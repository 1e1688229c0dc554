package block

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"sync"
)

// DefaultGranularity is that of a bitmap for which none was asked.
const DefaultGranularity = 64 << 10

// Bitmap tells which pieces of a disk were written since it was made or
// cleared. A bit stands for Granularity bytes. Its methods may be called from
// any goroutine.
type Bitmap struct {
	name        string
	granularity int64 // a power of two
	size        int64 // of the disk, in bytes

	mu         sync.Mutex
	words      []uint64 // bit i%64 of word i/64 is the piece from i*granularity on
	count      int64
	enabled    bool // writes are recorded
	persistent bool // it is to be kept in the image
	// busy: something uses it, as a migration or a job does, and nobody else may.
	busy bool
	// inconsistent: the image says that it was not stored whole. It can only be removed.
	inconsistent bool
	// skipStore: it moves elsewhere, so the image does not keep it.
	skipStore bool
}

// NewBitmap makes a bitmap without bits for a disk of size bytes.
func NewBitmap(name string, granularity, size int64) *Bitmap {
	pieces := (size + granularity - 1) / granularity
	return &Bitmap{name: name, granularity: granularity, size: size, words: make([]uint64, (pieces+63)/64)}
}

// Name is the bitmap's name; empty for one that only its owner knows.
func (b *Bitmap) Name() string { return b.name }

// Granularity is how many bytes a bit stands for.
func (b *Bitmap) Granularity() int64 { return b.granularity }

// Size is how long the disk is, in bytes.
func (b *Bitmap) Size() int64 { return b.size }

// Pieces is how many bits there are.
func (b *Bitmap) Pieces() int64 { return (b.size + b.granularity - 1) / b.granularity }

// State is what a bitmap is just now.
type State struct{ Enabled, Persistent, Busy, Inconsistent, SkipStore bool }

// State tells it.
func (b *Bitmap) State() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state()
}

// SetState changes it.
func (b *Bitmap) SetState(change func(*State)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.state()
	change(&s)
	b.enabled, b.persistent, b.busy = s.Enabled, s.Persistent, s.Busy
	b.inconsistent, b.skipStore = s.Inconsistent, s.SkipStore
}

func (b *Bitmap) state() State {
	return State{b.enabled, b.persistent, b.busy, b.inconsistent, b.skipStore}
}

// Count is how many bits are set.
func (b *Bitmap) Count() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count
}

// written records a write.
func (b *Bitmap) written(off, length int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.enabled {
		b.set(off, length)
	}
}

// Set sets the bits of all pieces that the bytes from off on lie in.
func (b *Bitmap) Set(off, length int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set(off, length)
}

func (b *Bitmap) set(off, length int64) {
	if length <= 0 {
		return
	}
	for i := off / b.granularity; i <= (off+length-1)/b.granularity && i < b.Pieces(); i++ {
		if word, bit := &b.words[i/64], uint64(1)<<(i%64); *word&bit == 0 {
			*word |= bit
			b.count++
		}
	}
}

// Clear clears the bits of pieces that lie wholly within the bytes from off on;
// the last piece of the disk may be shorter.
func (b *Bitmap) Clear(off, length int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	end := off + length
	for i := (off + b.granularity - 1) / b.granularity; i < b.Pieces(); i++ {
		if min((i+1)*b.granularity, b.size) > end {
			return
		}
		if word, bit := &b.words[i/64], uint64(1)<<(i%64); *word&bit != 0 {
			*word &^= bit
			b.count--
		}
	}
}

// Next finds the first piece at or behind off whose bit is set, and gives where
// the bytes begin that it stands for.
func (b *Bitmap) Next(off int64) (at int64, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := off / b.granularity; i < b.Pieces(); {
		if word := b.words[i/64] >> (i % 64); word != 0 {
			return (i + int64(bits.TrailingZeros64(word))) * b.granularity, true
		}
		i = (i/64 + 1) * 64
	}
	return 0, false
}

// Words copies bits out, and SetWords adds bits to those that are set, from
// piece first on, which is a multiple of 64: bit i%64 of word i/64.
func (b *Bitmap) Words(first int64, words []uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(words)
	if first/64 < int64(len(b.words)) {
		copy(words, b.words[first/64:])
	}
}

// SetWords adds bits; see Words. Those beyond the disk are left out.
func (b *Bitmap) SetWords(first int64, words []uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, w := range words {
		at := first/64 + int64(i)
		if at >= int64(len(b.words)) {
			return
		}
		if rest := b.Pieces() - at*64; rest < 64 {
			w &= 1<<rest - 1
		}
		b.count += int64(bits.OnesCount64(w &^ b.words[at]))
		b.words[at] |= w
	}
}

// SHA256 is the sum of all words, little-endian, in hex: what
// x-debug-block-dirty-bitmap-sha256 gives.
func (b *Bitmap) SHA256() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	sum := sha256.New()
	var word [8]byte
	for _, w := range b.words {
		binary.LittleEndian.PutUint64(word[:], w)
		sum.Write(word[:])
	}
	return hex.EncodeToString(sum.Sum(nil))
}
