// Package ram is the mover of guest memory: the body of the ram section, on
// its way out (Saver) and in (Loader).
package ram

import "sync/atomic"

// Stats counts what the ram section carried. It is read while the mover works.
type Stats struct {
	// Zero is how many pages went as zero records ("duplicate").
	Zero atomic.Uint64
	// Normal is how many pages went in full.
	Normal atomic.Uint64
	// Remaining is how many pages are still marked dirty.
	Remaining atomic.Uint64
	// Syncs is how often the dirty log was read ("dirty-sync-count").
	Syncs atomic.Uint64
	// DirtyRate is how many pages per second were dirtied between the last two syncs.
	DirtyRate atomic.Uint64
	// DirtiedBytes is how much was dirty after the last sync, in bytes.
	DirtiedBytes atomic.Uint64
}
