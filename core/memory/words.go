package memory

import (
	"sync/atomic"
	"unsafe"
)

// words is a bitmap that many goroutines set bits in. It is mapped rather than
// made, so that a bitmap of a huge and empty block costs nothing either.
type words []atomic.Uint64

func newWords(bits uint64) (words, error) {
	n := (bits + 63) / 64
	mem, err := reserve(max(n, 1) * 8)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice((*atomic.Uint64)(unsafe.Pointer(&mem[0])), n), nil
}

func (w words) free() {
	if len(w) > 0 {
		// The range was mapped by newWords, so this cannot fail.
		_ = release(unsafe.Slice((*byte)(unsafe.Pointer(&w[0])), len(w)*8))
	}
}

func (w words) get(n uint64) bool { return w[n/64].Load()&(1<<(n%64)) != 0 }

// set avoids the locked instruction where the bit is there already: a guest
// writes the same pages over and over.
func (w words) set(n uint64) {
	word, bit := &w[n/64], uint64(1)<<(n%64)
	if word.Load()&bit == 0 {
		word.Or(bit)
	}
}

func (w words) setRange(first, count uint64) {
	for count > 0 {
		off := first % 64
		n := min(64-off, count)
		mask := ^uint64(0) >> (64 - n) << off
		if word := &w[first/64]; word.Load()&mask != mask {
			word.Or(mask)
		}
		first, count = first+n, count-n
	}
}

func (w words) unsetRange(first, count uint64) {
	for count > 0 {
		off := first % 64
		n := min(64-off, count)
		mask := ^uint64(0) >> (64 - n) << off
		if word := &w[first/64]; word.Load()&mask != 0 {
			word.And(^mask)
		}
		first, count = first+n, count-n
	}
}

func (w words) clear() {
	for i := range w {
		if w[i].Load() != 0 {
			w[i].Store(0)
		}
	}
}
