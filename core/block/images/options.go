// Package images opens disks as their users describe them, and puts their nodes
// into a block.Graph: those of the formats (raw, qcow2) and those beneath, of
// files.
//
// An Opener's Add takes what -blockdev and blockdev-add say, AddDrive what
// -drive says; both give the root, to which the caller gives a block.Backend
// where a drive or a device uses it. A VM that waits for a migration opens its
// disks with Inactive and calls Graph.Activate before it runs; one that moved
// away calls Graph.Inactivate before the other runs. Until then nothing of the
// images is written, and no locks are taken.
package images

// Options describe one node, as -blockdev and blockdev-add do; whoever made them
// has checked types and names of members. What is not here (cache, discard,
// detect-zeroes, aio) changes nothing.
type Options struct {
	// Driver is "file", "host_device", "raw", "qcow2" or "null-co", "null-aio".
	Driver string
	// NodeName is the node's; empty for one that is made up.
	NodeName string
	ReadOnly bool
	// AutoReadOnly: where a file cannot be written it is opened for reading.
	AutoReadOnly bool

	// Inactive leaves the node alone until Activate, and those beneath.
	Inactive bool
	// Shared: others may write meanwhile. Only for nodes that are read.
	Shared bool
	// Temporary: what is written is forgotten with the node, which is made on
	// top of this one, for drives.
	Temporary bool

	// Filename is the file's.
	Filename string
	// Unlocked is "locking": "off".
	Unlocked bool

	// File is what a format is kept in.
	File *Ref
	// Backing is what is beneath a qcow2. nil: what the image says.
	Backing *Ref
	// Data is what has the content of a qcow2's disk, where that is not File.
	// nil: what the image says.
	Data *Ref
	// Offset and Size are those of raw, Size also that of null-co; in bytes, 0 for none given.
	Offset, Size int64

	// guessed: the format is a guess from the content.
	guessed bool
}

// beneath is o for a node that one with the options above uses.
func (o Options) beneath(above Options) Options {
	o.ReadOnly = o.ReadOnly || above.ReadOnly
	o.Inactive = o.Inactive || above.Inactive
	o.Shared = o.Shared || above.Shared
	return o
}

// Ref is a child: one that there is, one to be opened, or none (null).
type Ref struct {
	// Node is the name of one that there is.
	Node string
	// Options describe one to be opened.
	Options *Options
}

// Drive is what -drive says.
type Drive struct {
	// File is a filename, or "null-co://".
	File string
	// Format is "raw" or "qcow2"; empty to guess it.
	Format string
	// NodeName is the root's; empty for one that is made up.
	NodeName string
	ReadOnly bool
	// Unlocked is file.locking=off.
	Unlocked bool
	// Temporary is snapshot=on.
	Temporary bool
	// Backing is what is beneath a qcow2. nil: what the image says.
	Backing *Ref
	// Size is null-co's, in bytes.
	Size int64
}
