package block

import (
	"errors"
	"io"
	"sync"
)

// Node is an image with a name, and the bitmaps of what is written to it. Its
// methods may be called from any goroutine.
type Node struct {
	name     string
	driver   string
	filename string
	readOnly bool
	// children never change once the node is in a graph.
	children []Child

	mu      sync.Mutex // held while the image is used
	image   Image
	bitmaps []*Bitmap
	highest int64 // the end of what was written that lies last, in bytes
	closed  bool
	// inactive: the file is for others to use. left: because its user wants it so.
	inactive, left bool
}

// Child is a node that another one uses, and as what: "file", "backing".
type Child struct {
	Role string
	Node *Node
}

// NewNode makes a node of an image, which is its own from now on. driver is the
// name of the image's format or protocol, filename what it was opened by.
func NewNode(name, driver, filename string, image Image, readOnly bool) *Node {
	return &Node{name: name, driver: driver, filename: filename, image: image, readOnly: readOnly}
}

// Open makes a node like NewNode, of an image that may keep bitmaps, and which
// an inactive node does not touch before Activate. A failure closes the image.
func Open(name, driver, filename string, image Image, readOnly, inactive bool, children ...Child) (*Node, error) {
	n := NewNode(name, driver, filename, image, readOnly)
	n.children, n.inactive = children, inactive
	if inactive {
		return n, nil
	}
	if err := n.loadBitmaps(); err != nil {
		_ = image.Close()
		return nil, err
	}
	return n, nil
}

// Name is the node's name, which may be one that was made up ("#block123").
func (n *Node) Name() string { return n.name }

// Driver is the name of the image's format or protocol: "raw", "qcow2", "file".
func (n *Node) Driver() string { return n.driver }

// Filename is what the image was opened by.
func (n *Node) Filename() string { return n.filename }

// ReadOnly says whether nobody may write.
func (n *Node) ReadOnly() bool { return n.readOnly }

// Children are the nodes that this one uses.
func (n *Node) Children() []Child { return n.children }

// AddChild adds a node that this one uses, before it is in a graph.
func (n *Node) AddChild(c Child) { n.children = append(n.children, c) }

// Info tells what the image says of itself.
func (n *Node) Info() Info {
	n.mu.Lock()
	defer n.mu.Unlock()
	if d, ok := n.image.(Describer); ok && !n.closed {
		return d.Info()
	}
	return Info{}
}

// Size is the length of the disk in bytes.
func (n *Node) Size() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.image.Size()
}

// ReadAt fills p with what is at off.
func (n *Node) ReadAt(p []byte, off int64) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.within(off, int64(len(p))); err != nil {
		return 0, err
	}
	return n.image.ReadAt(p, off)
}

// WriteAt writes p to off, and marks it in the bitmaps.
func (n *Node) WriteAt(p []byte, off int64) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.writable(off, int64(len(p))); err != nil {
		return 0, err
	}
	// A write that fails half way may have written something.
	n.mark(off, int64(len(p)))
	return n.write(p, off)
}

// write writes p. Callers hold mu.
func (n *Node) write(p []byte, off int64) (done int, err error) {
	if done, err = n.image.WriteAt(p, off); err == nil {
		n.highest = max(n.highest, off+int64(len(p)))
	}
	return done, err
}

// writeZeros is write of length zeros.
func (n *Node) writeZeros(off, length int64) error {
	if err := n.image.WriteZeros(off, length); err != nil {
		return err
	}
	n.highest = max(n.highest, off+length)
	return nil
}

// Highest is the end of what was written that lies last, in bytes; 0 where nothing was.
func (n *Node) Highest() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.highest
}

// WriteZeros is WriteAt of length zeros.
func (n *Node) WriteZeros(off, length int64) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.writable(off, length); err != nil {
		return err
	}
	n.mark(off, length)
	return n.writeZeros(off, length)
}

// Extent is the image's.
func (n *Node) Extent(off, length int64) (Extent, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.within(off, length); err != nil {
		return Extent{}, err
	}
	return n.image.Extent(off, length)
}

// Flush returns when what was written is safe.
func (n *Node) Flush() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.closed:
		return errClosed
	case n.inactive:
		return nil
	}
	return n.image.Flush()
}

// Close closes the image.
func (n *Node) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil
	}
	err := n.storeBitmaps()
	n.closed = true
	return errors.Join(err, n.image.Close())
}

// Snapshots does something with an image that can keep snapshots, while nobody
// else uses it. ok is false where it cannot.
func (n *Node) Snapshots(do func(Snapshots) error) (ok bool, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, ok := n.image.(Snapshots)
	if !ok || n.closed || n.inactive {
		return false, nil
	}
	return true, do(s)
}

func (n *Node) writable(off, length int64) error {
	if err := n.changeable(); err != nil {
		return err
	}
	return n.within(off, length)
}

func (n *Node) changeable() error {
	switch {
	case n.closed:
		return errClosed
	case n.readOnly || n.inactive:
		return errReadOnly
	}
	return nil
}

func (n *Node) within(off, length int64) error {
	switch size := n.image.Size(); {
	case n.closed:
		return errClosed
	case off < 0 || length < 0 || off > size || length > size-off:
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (n *Node) mark(off, length int64) {
	for _, b := range n.bitmaps {
		b.written(off, length)
	}
}
