// Package memory holds guest memory: RAM blocks, which of their pages were
// ever written, and the log of pages that were written lately.
package memory

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// PageSize is the target page size of x86 machines: the granularity of every
// record about RAM in the stream, and of dirty tracking.
const PageSize = 4096

// Block is one RAMBlock: named guest memory, contiguous in this process and
// all zeros until it is written. Its memory is reserved, not allocated, so that
// a page which stays zero costs nothing.
//
// Bytes may be read and written by several goroutines at once, as guest memory
// is; whoever writes calls WaitWrite before and MarkWritten afterwards.
type Block struct {
	name         string
	mem          []byte
	backing      Backing
	preallocated bool
	shared       bool
	address      uint64
	hostPage     uint64 // 0 is PageSize
	guard        Guard
	tracker      Tracker
	file         *os.File // what is mapped, where others may map it too
	absence      atomic.Pointer[Absence]
	advised      words          // pieces in which huge pages were asked for
	making       [16]sync.Mutex // who makes a huge page, by its number
	freezer      Freezer
	still        atomic.Pointer[stillBlock]

	// populated has a bit for each page that was ever written. A page
	// without it is known to be zero without a look at it. It is nil in a
	// block that keeps no account (Map).
	populated words
	// dirty is the log: pages written since the last SyncLog. counted is a
	// second one, of pages written since StartCount.
	dirty, counted words
	// logs says which of the two are kept, as their bits.
	logs atomic.Uint32
	// tracking is held over what is asked of tracker: whoever reads a log
	// finds all in it that somebody else has been told.
	tracking sync.Mutex
	loads    bool // what is loaded enters dirty, too
}

// The logs that a block may keep.
const (
	logDirty = 1 << iota
	logCounted
)

// New reserves size bytes of zeros for the block called name. size is a
// positive multiple of PageSize.
func New(name string, size uint64) (*Block, error) {
	if size == 0 || size%PageSize != 0 || size > maxBlock {
		return nil, fmt.Errorf("cannot set up guest memory '%s': Invalid argument", name)
	}
	mem, err := reserve(size)
	if err != nil {
		return nil, fmt.Errorf("cannot set up guest memory '%s': Cannot allocate memory", name)
	}
	b := &Block{name: name, mem: mem}
	b.populated, err = newWords(b.Pages())
	if err == nil {
		b.dirty, err = newWords(b.Pages())
	}
	if err == nil {
		b.counted, err = newWords(b.Pages())
	}
	if err == nil {
		b.advised, err = newWords(b.Pages()/hugeWindow + 1)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot set up guest memory '%s': %w", name, err), b.Close())
	}
	return b, nil
}

// maxBlock bounds one block: half of what an x86-64 process can map.
const maxBlock = 1 << 46

// Name is the block's idstr in the stream.
func (b *Block) Name() string { return b.name }

// Size is the length in bytes (used_length).
func (b *Block) Size() uint64 { return uint64(len(b.mem)) }

// Pages is the length in pages.
func (b *Block) Pages() uint64 { return uint64(len(b.mem)) / PageSize }

// Share says that the memory is that of a file which others on this host can
// open: a migration that stays on the host need not send it.
func (b *Block) Share() { b.shared = true }

// Shared says whether it is, by Share or because the block is such a file.
func (b *Block) Shared() bool { return b.shared }

// Place says where in the guest's memory the block begins; without it that is 0.
func (b *Block) Place(address uint64) { b.address = address }

// Address is where the block begins in the region that it is mapped into.
func (b *Block) Address() uint64 { return b.address }

// Bytes is the memory itself; it is valid until Close.
func (b *Block) Bytes() []byte { return b.mem }

// Page is the memory of page n.
func (b *Block) Page(n uint64) []byte {
	return b.mem[n*PageSize : (n+1)*PageSize : (n+1)*PageSize]
}

// MarkWritten says that page n was written. The order matters: the write
// first, then the mark. A page that is sent between the two is sent again.
func (b *Block) MarkWritten(n uint64) {
	if b.populated == nil {
		return
	}
	b.populated.set(n)
	if logs := b.logs.Load(); logs != 0 {
		b.log(logs, n)
	}
}

func (b *Block) log(logs uint32, n uint64) {
	if logs&logDirty != 0 {
		b.dirty.set(n)
	}
	if logs&logCounted != 0 {
		b.counted.set(n)
	}
}

// Populate says that pages [first, first+count) were written by the one who
// loads the block. Unlike MarkWritten it does not enter the log, see LogLoads.
func (b *Block) Populate(first, count uint64) {
	b.populated.setRange(first, count)
	if b.loads {
		b.dirty.setRange(first, count)
	}
}

// LogLoads makes what is loaded (Populate, Clear) enter the log from now on,
// without a StartLog. It is for a block that nobody runs on, and called before
// whoever loads it.
func (b *Block) LogLoads() { b.loads = true }

// Populated says whether page n was ever written; see Refresh.
func (b *Block) Populated(n uint64) bool { return b.populated == nil || b.populated.get(n) }

// StartLog makes whatever is written enter the dirty log, which starts empty.
func (b *Block) StartLog() {
	b.dirty.clear()
	if b.track(logDirty) != nil {
		b.enter(0, b.Pages())
	}
}

// StopLog ends the log.
func (b *Block) StopLog() {
	b.untrack(logDirty)
}

// SyncLog moves the dirty log into bm and returns how many pages it held.
func (b *Block) SyncLog(bm *Bitmap) (logged uint64) {
	b.look()
	return bm.take(b.dirty)
}

// Look makes the log know of what a Tracker knows, so that the next SyncLog has
// little left to ask for.
func (b *Block) Look() { b.look() }

// Unsynced is how many pages SyncLog would add to bm now, as far as it is known
// without asking a Tracker.
func (b *Block) Unsynced(bm *Bitmap) uint64 { return bm.lacks(b.dirty) }

// Discard gives the memory of pages [first, first+count) back to the system;
// they read as zeros again.
func (b *Block) Discard(first, count uint64) error {
	mem := b.mem[first*PageSize : (first+count)*PageSize]
	if b.backing.Named || !b.wholeHostPages(first, count) {
		// The file may not be ours to punch holes into, and a part of a page
		// cannot be given back.
		clear(mem)
		return nil
	}
	b.populated.unsetRange(first, count)
	if b.backing.Shared {
		return unix.Madvise(mem, unix.MADV_REMOVE)
	}
	return unix.Madvise(mem, unix.MADV_DONTNEED)
}

// Close gives the memory back. No one may touch the block afterwards; to close
// it once more does nothing.
func (b *Block) Close() error {
	err := release(b.mem)
	if b.file != nil {
		b.file.Close()
	}
	b.populated.free()
	b.dirty.free()
	b.counted.free()
	b.advised.free()
	b.mem, b.populated, b.dirty, b.counted, b.advised = nil, nil, nil, nil, nil
	return err
}
