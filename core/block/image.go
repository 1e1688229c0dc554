package block

import (
	"io"
	"time"
)

// Image is what a Node holds: bytes, wherever they are kept. Its methods are
// called by one goroutine at a time, but for Close, before which all others
// have returned. Offsets and sizes are in bytes.
type Image interface {
	// ReadAt fills p; what was never written is zeros, or what is beneath.
	// Reaching beyond Size is io.ErrUnexpectedEOF.
	io.ReaderAt
	// WriteAt writes all of p, or fails. Nothing is written beyond Size.
	io.WriterAt
	// WriteZeros is WriteAt of n zeros, without room for them where that is possible.
	WriteZeros(off, n int64) error
	// Size is the length of the disk.
	Size() int64
	// Extent tells what is known of the longest piece at off, at most n bytes,
	// of which the same is known.
	Extent(off, n int64) (Extent, error)
	// Flush returns when what was written is safe.
	Flush() error
	// Close flushes, and gives the file back.
	Close() error
}

// Extent is what is known of a piece of an Image.
type Extent struct {
	Length int64
	// Allocated: the image itself keeps the bytes, rather than what is beneath.
	Allocated bool
	// Zero: all bytes are zero.
	Zero bool
}

// Snapshots is an Image that can keep its own content of other times, and with
// it the state of a VM.
type Snapshots interface {
	Image
	// Snapshots lists those that there are, in the order of the image.
	Snapshots() []Snapshot
	// Create keeps what the disk holds now, and what was written as VM state
	// before, of which s.VMStateSize bytes count. An empty s.ID is made up;
	// that which was used is returned.
	Create(s Snapshot) (Snapshot, error)
	// Apply makes the disk what it was in a snapshot.
	Apply(id string) error
	// Delete forgets a snapshot.
	Delete(id string) error
	// WriteVMState writes a piece of VM state at its place, for the next Create.
	WriteVMState(p []byte, off int64) error
	// ReadVMState reads that of the snapshot that was applied or created last.
	ReadVMState(p []byte, off int64) (int, error)
}

// Snapshot is one entry of an image's list.
type Snapshot struct {
	ID, Name string
	// Date is the time of the host; Clock that of the guest.
	Date  time.Time
	Clock time.Duration
	// VMStateSize is how much VM state there is, in bytes; 0 for none.
	VMStateSize int64
	// DiskSize is the length that the disk had.
	DiskSize int64
	// Icount is the count of instructions, -1 for none.
	Icount int64
}
