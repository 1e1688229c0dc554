package block

import (
	"sync"
	"time"
)

// Access is a kind of what a guest does with a disk.
type Access int

// The kinds of Access.
const (
	Read Access = iota
	Write
	Flush
	accesses // how many there are
)

// Stats counts what a guest does with a disk, since it has it. The zero value
// has counted nothing. Its methods may be called from any goroutine.
type Stats struct {
	// IgnoreInvalid and IgnoreFailed leave such accesses out of what was when,
	// and how long; they are counted all the same. They are set before use.
	IgnoreInvalid, IgnoreFailed bool

	mu     sync.Mutex
	counts [accesses]Count
	last   time.Time
}

// Count is what was counted of one kind of access.
type Count struct {
	// Bytes and Operations are of those that were done.
	Bytes, Operations int64
	// Failed ones had an error; Invalid ones were not even tried.
	Failed, Invalid int64
	// Time is what all took together, those that failed as well, unless they are ignored.
	Time time.Duration
}

// Count is what was counted of a kind.
func (s *Stats) Count(kind Access) Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[kind]
}

// Idle is how long ago the last access was; ok is false where there was none.
func (s *Stats) Idle() (d time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.last), !s.last.IsZero()
}

// Done counts an access of so many bytes that began then, and has ended.
func (s *Stats) Done(kind Access, bytes int64, began time.Time, err error) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &s.counts[kind]
	if err != nil {
		c.Failed++
		if s.IgnoreFailed {
			return
		}
	} else {
		c.Bytes += bytes
		c.Operations++
	}
	c.Time += now.Sub(began)
	s.last = now
}

// Refused counts an access that cannot be.
func (s *Stats) Refused(kind Access) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[kind].Invalid++
	if !s.IgnoreInvalid {
		s.last = time.Now()
	}
}

// Disk is a disk as a guest uses it, whose accesses count.
func (b Backend) Disk() *Disk { return &Disk{b.Node, b.Stats} }

// Disk is what Backend.Disk gives.
type Disk struct {
	node  *Node
	stats *Stats
}

// Size is the length of the disk in bytes.
func (d *Disk) Size() int64 { return d.node.Size() }

// ReadAt is Node.ReadAt.
func (d *Disk) ReadAt(p []byte, off int64) (n int, err error) {
	began := time.Now()
	n, err = d.node.ReadAt(p, off)
	d.stats.Done(Read, int64(len(p)), began, err)
	return n, err
}

// WriteAt is Node.WriteAt.
func (d *Disk) WriteAt(p []byte, off int64) (n int, err error) {
	began := time.Now()
	n, err = d.node.WriteAt(p, off)
	d.stats.Done(Write, int64(len(p)), began, err)
	return n, err
}

// Flush is Node.Flush.
func (d *Disk) Flush() error {
	began := time.Now()
	err := d.node.Flush()
	d.stats.Done(Flush, 0, began, err)
	return err
}

// Peek is ReadAt by somebody else than the guest: it does not count.
func (d *Disk) Peek(p []byte, off int64) (int, error) { return d.node.ReadAt(p, off) }
