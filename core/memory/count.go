package memory

import "math/bits"

// StartCount begins to count the pages that are written. One may count at a
// time; the log of a migration goes on beside it, or begins and ends, as if
// nobody counted. After an error nobody counts.
func (b *Block) StartCount() error {
	b.counted.clear()
	err := b.track(logCounted)
	if err != nil {
		b.untrack(logCounted)
	}
	return err
}

// StopCount ends what StartCount began, and says how many pages were written
// meanwhile, each of which counts once.
func (b *Block) StopCount() (pages uint64) {
	b.look()
	b.untrack(logCounted)
	for i := range b.counted {
		pages += uint64(bits.OnesCount64(b.counted[i].Load()))
	}
	return pages
}
