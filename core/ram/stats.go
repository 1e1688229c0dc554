// Package ram is the mover of guest memory: the body of the ram section, on
// its way out (Saver) and in (Loader).
package ram

import (
	"io"
	"sync/atomic"

	"qmpmigrate/core/multifd"
	"qmpmigrate/core/rdma"
)

// Options are what both ends of a migration must have the same, or may choose.
type Options struct {
	// IgnoreShared leaves out the pages of blocks that are Shared, and
	// compares where they are.
	IgnoreShared bool
	// KeepZeros sends pages that are zero like others.
	KeepZeros bool
	// Postcopy compares how large the host pages of blocks are.
	Postcopy bool
	// XBZRLE tells how large the cache of pages shall be, for pages that go as
	// what differs from what went before; nil is not to do so.
	XBZRLE func() uint64
	// Compress makes pages go compressed, one by one; nil is not to do so.
	Compress *Compress
	// DecompressThreads is how many pages that come compressed are taken at
	// the same time; 0 is one.
	DecompressThreads int
	// Release gives memory back once it was sent in postcopy.
	Release bool
	// Mapped gives each page a place of its own in a file. A source's is where
	// its lanes look, too; a destination reads with Files, where there are some.
	Mapped *Places
	Files  []io.ReaderAt
	// RDMA writes pages into the destination's memory; nil is not to do so.
	RDMA *rdma.Source
	// Lanes are what a source sends pages on; nil is the main channel.
	Lanes *multifd.Sender
	// MainZeros: the source looks for pages that are zero before it gives
	// pages to lanes, and tells of them on the main channel.
	MainZeros bool
	// Still: all pages go once, as they are at Freeze, while the guest goes on.
	Still bool
	// SyncSections: lanes are in step at the end of each body, rather than
	// after each pass over all blocks.
	SyncSections bool
	// Checkpoints: the guest goes on here after Complete, and Complete comes again.
	Checkpoints bool
}

// Compress is how pages are compressed.
type Compress struct {
	// Threads is how many pages are compressed at the same time, at least one.
	Threads int
	// Level is that of zlib, 0 to 9.
	Level int
}

// Stats counts what the ram section carried. It is read while the mover works.
type Stats struct {
	// Zero is how many pages went as zero records ("duplicate").
	Zero atomic.Uint64
	// Normal is how many pages went in full.
	Normal atomic.Uint64
	// XBZRLE is about pages that were looked for in the cache.
	XBZRLE XBZRLEStats
	// Remaining is how many pages are still marked dirty.
	Remaining atomic.Uint64
	// Syncs is how often the dirty log was read ("dirty-sync-count").
	Syncs atomic.Uint64
	// DirtyRate is how many pages per second were dirtied between the last two syncs.
	DirtyRate atomic.Uint64
	// DirtiedBytes is how much was dirty after the last sync, in bytes.
	DirtiedBytes atomic.Uint64
	// Dirtied is how many pages became due since the first pass began.
	Dirtied atomic.Uint64
	// Requests is how many pages the destination asked for ("postcopy-requests").
	Requests atomic.Uint64
	// Preempted is how many bytes went past the main channel.
	Preempted atomic.Uint64
	// OnLanes is how many bytes went on lanes ("multifd-bytes").
	OnLanes atomic.Uint64
	// Written is how many bytes were written into the destination's memory.
	Written atomic.Uint64
	// Copied is how many syncs of lanes found that the kernel had copied all
	// pages that it was to send from where they lay ("dirty-sync-missed-zero-copy").
	Copied atomic.Uint64
}

// Counters are those for lanes.
func (s *Stats) Counters() multifd.Counters {
	return multifd.Counters{Normal: &s.Normal, Zero: &s.Zero, Bytes: &s.OnLanes, Copied: &s.Copied}
}

// Direct are those for pages that are written into the destination's memory.
func (s *Stats) Direct() rdma.Counters {
	return rdma.Counters{Normal: &s.Normal, Zero: &s.Zero, Bytes: &s.Written}
}
