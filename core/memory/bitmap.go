package memory

import "math/bits"

// Bitmap has a bit for each page of a block and belongs to one goroutine: the
// mover's own view of which pages are still to be sent.
type Bitmap struct {
	words []uint64
	pages uint64
	count uint64
}

// NewBitmap makes an empty bitmap for pages pages.
func NewBitmap(pages uint64) *Bitmap {
	return &Bitmap{words: make([]uint64, (pages+63)/64), pages: pages}
}

// Count is how many bits are set.
func (m *Bitmap) Count() uint64 { return m.count }

// Pages is how many pages it has a bit for.
func (m *Bitmap) Pages() uint64 { return m.pages }

// SetAll sets the bit of every page.
func (m *Bitmap) SetAll() {
	for i := range m.words {
		m.words[i] = ^uint64(0)
	}
	if rest := m.pages % 64; rest != 0 {
		m.words[len(m.words)-1] = 1<<rest - 1
	}
	m.count = m.pages
}

// Set sets the bit of page n.
func (m *Bitmap) Set(n uint64) {
	w, bit := &m.words[n/64], uint64(1)<<(n%64)
	if *w&bit == 0 {
		*w |= bit
		m.count++
	}
}

// SetWord replaces the bits of pages [64n, 64n+64); those behind the last page
// do not count.
func (m *Bitmap) SetWord(n, word uint64) {
	if rest := m.pages - n*64; rest < 64 {
		word &= 1<<rest - 1
	}
	m.count += uint64(bits.OnesCount64(word)) - uint64(bits.OnesCount64(m.words[n]))
	m.words[n] = word
}

// Get says whether the bit of page n is set.
func (m *Bitmap) Get(n uint64) bool { return m.words[n/64]&(1<<(n%64)) != 0 }

// ClearRange clears the bits of pages [first, first+count).
func (m *Bitmap) ClearRange(first, count uint64) {
	for count > 0 {
		off := first % 64
		n := min(64-off, count)
		mask := ^uint64(0) >> (64 - n) << off
		w := &m.words[first/64]
		m.count -= uint64(bits.OnesCount64(*w & mask))
		*w &^= mask
		first, count = first+n, count-n
	}
}

// NextRun finds the first run of set bits at or after page from, at most limit
// pages long. count is 0 when there is none.
func (m *Bitmap) NextRun(from, limit uint64) (first, count uint64) {
	first = m.next(from, m.pages, 0)
	if first >= m.pages {
		return m.pages, 0
	}
	// Nobody looks for the end of a long run each time that a part of it is taken.
	end := first + min(limit, m.pages-first)
	return first, m.next(first, end, ^uint64(0)) - first
}

// next finds the first page of [from, end) whose bit differs from the bits of
// same (0: the first set one; all ones: the first clear one); end where none does.
func (m *Bitmap) next(from, end, same uint64) uint64 {
	if from >= end {
		return end
	}
	i := from / 64
	w := (m.words[i] ^ same) &^ (1<<(from%64) - 1)
	for w == 0 {
		if i++; i*64 >= end {
			return end
		}
		w = m.words[i] ^ same
	}
	return min(i*64+uint64(bits.TrailingZeros64(w)), end)
}

// take moves the bits of log into m.
func (m *Bitmap) take(log words) (taken uint64) {
	for i := range log {
		if log[i].Load() == 0 {
			continue
		}
		w := log[i].Swap(0)
		taken += uint64(bits.OnesCount64(w))
		m.count += uint64(bits.OnesCount64(w &^ m.words[i]))
		m.words[i] |= w
	}
	return taken
}

// lacks is how many bits of log are not in m.
func (m *Bitmap) lacks(log words) (n uint64) {
	for i := range log {
		n += uint64(bits.OnesCount64(log[i].Load() &^ m.words[i]))
	}
	return n
}
