package qcow2

// What an image may ask for, because no image is trusted; the same as in QEMU.
const (
	minClusterBits = 9
	maxClusterBits = 21

	maxL1            = 32 << 20 / 8 // entries of an L1 table
	maxRefTable      = 8 << 20 / 8  // entries of the refcount table
	maxSnapshots     = 65536        // entries of the snapshot table
	maxSnapshotTable = 64 << 20     // its bytes
	maxSnapshotExtra = 1024         // bytes of extra data of one entry
	maxSnapshotName  = 255          // bytes of a name that is made here
	maxBackingName   = 1023         // bytes
	maxFormatName    = 16           // bytes of a backing format's name, with its end
)

const (
	// cacheBytes is how much memory tables of one kind take while an image is
	// open: L2 tables of 64 KiB for 128 GiB of disk.
	cacheBytes = 16 << 20
	// cacheTables is how many tables there are at least: an operation holds two.
	cacheTables = 4
	// maxPending is how many runs of clusters may wait to be given back.
	maxPending = 1 << 14
	// maxChecked is for how many clusters references are counted at once.
	maxChecked = 1 << 27
)
