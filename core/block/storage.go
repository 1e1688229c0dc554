package block

import "io"

// Storage is where a format keeps its image. What lies behind its end reads as
// zeros, and what is written there makes it longer.
type Storage interface {
	io.ReaderAt
	io.WriterAt
	WriteZeros(off, n int64) error
	Size() int64
	Extent(off, n int64) (Extent, error)
	Flush() error
}

// Backing is what lies beneath an image: a Node, which is only read.
type Backing interface {
	io.ReaderAt
	Size() int64
	Extent(off, n int64) (Extent, error)
}

// Storage lets a format keep its image in the node, whose user it is.
func (n *Node) Storage() Storage { return storage{n} }

type storage struct{ n *Node }

func (s storage) Size() int64 { return s.n.Size() }

func (s storage) Flush() error { return s.n.Flush() }

func (s storage) ReadAt(p []byte, off int64) (int, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	if s.n.closed {
		return 0, errClosed
	}
	if off < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	within := max(min(int64(len(p)), s.n.image.Size()-off), 0)
	if within > 0 {
		if n, err := s.n.image.ReadAt(p[:within], off); err != nil {
			return n, err
		}
	}
	clear(p[within:])
	return len(p), nil
}

func (s storage) WriteAt(p []byte, off int64) (int, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	if err := s.n.changeable(); err != nil {
		return 0, err
	}
	s.n.mark(off, int64(len(p)))
	return s.n.write(p, off)
}

func (s storage) WriteZeros(off, length int64) error {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	if err := s.n.changeable(); err != nil {
		return err
	}
	s.n.mark(off, length)
	return s.n.writeZeros(off, length)
}

func (s storage) Extent(off, length int64) (Extent, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	if s.n.closed {
		return Extent{}, errClosed
	}
	if size := s.n.image.Size(); off >= size {
		return Extent{Length: length, Allocated: true, Zero: true}, nil
	} else if length > size-off {
		length = size - off
	}
	return s.n.image.Extent(off, length)
}
