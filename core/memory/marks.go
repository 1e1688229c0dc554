package memory

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"
)

// Marks has a bit for each of some pages, which many goroutines may set, clear
// and look at.
type Marks struct{ words words }

// NewMarks makes marks for pages pages, none of them set.
func NewMarks(pages uint64) *Marks {
	return &Marks{words: make([]atomic.Uint64, (pages+63)/64)}
}

// Get says whether the bit of page n is set.
func (m *Marks) Get(n uint64) bool { return m.words.get(n) }

// Set sets the bits of pages [first, first+count).
func (m *Marks) Set(first, count uint64) { m.words.setRange(first, count) }

// Clear clears the bit of page n and says whether it was set: of several that
// clear it one hears so.
func (m *Marks) Clear(n uint64) bool {
	bit := uint64(1) << (n % 64)
	return m.words[n/64].And(^bit)&bit != 0
}

// Append appends the marks to b as words of 64, low bytes and bits first.
func (m *Marks) Append(b []byte) []byte {
	for i := range m.words {
		b = binary.LittleEndian.AppendUint64(b, m.words[i].Load())
	}
	return b
}

// First is the first bit that is set; ok is false where none is.
func (m *Marks) First() (n uint64, ok bool) {
	for i := range m.words {
		if word := m.words[i].Load(); word != 0 {
			return uint64(i)*64 + uint64(bits.TrailingZeros64(word)), true
		}
	}
	return 0, false
}

// Count is how many bits are set.
func (m *Marks) Count() (n uint64) {
	for i := range m.words {
		n += uint64(bits.OnesCount64(m.words[i].Load()))
	}
	return n
}
