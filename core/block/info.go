package block

// Describer is an Image that has more to tell of itself than its size.
type Describer interface {
	Image
	Info() Info
}

// Info is what an image tells of itself, as query-block shows it. What does not
// apply is zero.
type Info struct {
	// ActualSize is how much room the file takes, in bytes.
	ActualSize int64
	// ClusterSize is the unit of allocation, in bytes.
	ClusterSize int64
	// BackingFile and BackingFormat are what the image says of what is beneath.
	BackingFile, BackingFormat string
	// Dirty: it was not closed in order.
	Dirty bool
	// Qcow2 is set for images of that format.
	Qcow2 *Qcow2Info
}

// Qcow2Info is what is special of that format.
type Qcow2Info struct {
	Version       int // 2 or 3
	LazyRefcounts bool
	RefcountBits  int
	Corrupt       bool
	// Compression is "zlib" or "zstd".
	Compression string
	// External: the content of the disk is in another file, which the image calls
	// DataFile; RawData: that is the disk, for whoever reads it alone.
	External bool
	DataFile string
	RawData  bool
	// VMStateOffset is where in the guest's address space VM state begins.
	VMStateOffset int64
}
