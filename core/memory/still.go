package memory

import (
	"errors"
	"sync"
)

// Still is the memory of some blocks as it was at one moment, while their guest
// goes on. Each page is given out once. Until it was, whoever writes to it keeps
// a copy first, or waits where there are too many copies; see Block.WaitWrite.
type Still struct {
	parts []*stillBlock

	mu     sync.Mutex
	scan   int // the part that Next looks through
	left   uint64
	copies []stillCopy // made, and not given out yet
	spare  []*[PageSize]byte
	made   int // how many buffers there are
	// given are the pages that Allow is to tell of.
	given   []stillRun
	waiting int           // how many wait for moved
	moved   chan struct{} // closed, and replaced, when those who wait are to look again
	over    bool
}

// stillBlock is a block's part of a Still.
type stillBlock struct {
	*Block
	still  *Still
	number int
	// free are the pages that may be written.
	free *Marks
	// due are those that are still to be given out, but for copies. Those of
	// them that were zeros, and are written meanwhile, are in zeros.
	due, zeros *Bitmap
	pos        uint64
}

type stillRun struct {
	part         *stillBlock
	first, count uint64
}

type stillCopy struct {
	part *stillBlock
	page uint64
	data *[PageSize]byte
}

// maxCopies bounds the copies that a Still keeps at the same time: 16 MiB.
const maxCopies = 4096

// Freezer is what an accelerator does where vCPUs write without asking WaitWrite,
// because they run outside of this process.
type Freezer interface {
	// Freeze makes vCPUs wait that write to a page of the block, until allow,
	// which is called for each of these pages from a goroutine of the
	// freezer's, says true. False means that it does not matter any more.
	Freeze(allow func(page uint64) bool) error
	// Allow lets vCPUs write to pages without another question.
	Allow(first, count uint64)
	// Thaw ends what Freeze began, if it did. Nobody waits any more.
	Thaw() error
}

// SetFreezer says who keeps vCPUs from writing; nil is nobody: everyone asks WaitWrite.
func (b *Block) SetFreezer(f Freezer) { b.freezer = f }

// Freeze makes a Still of blocks whose guest is stopped, and to which nobody
// writes until it is back.
func Freeze(blocks []*Block) (*Still, error) {
	s := &Still{moved: make(chan struct{})}
	for _, b := range blocks {
		b.Refresh()
		p := &stillBlock{Block: b, still: s, number: len(s.parts), free: NewMarks(b.Pages()), due: NewBitmap(b.Pages()), zeros: NewBitmap(b.Pages())}
		p.due.SetAll()
		s.left += b.Pages()
		s.parts = append(s.parts, p)
	}
	for _, p := range s.parts {
		if p.freezer != nil {
			if err := p.freezer.Freeze(func(page uint64) bool { return p.allow(page, nil) }); err != nil {
				return nil, errors.Join(err, s.Thaw())
			}
		}
		p.Block.still.Store(p)
	}
	return s, nil
}

// WaitWrite is Wait for one who is going to write to page n.
func (b *Block) WaitWrite(n uint64, cpu int, stop <-chan struct{}) bool {
	if !b.Wait(n, cpu, stop) {
		return false
	}
	p := b.still.Load()
	return p == nil || p.allow(n, stop)
}

// WaitWriteRange is WaitWrite for size bytes from byte at on, by one who is no vCPU.
func (b *Block) WaitWriteRange(at, size uint64, stop <-chan struct{}) bool {
	if !b.WaitRange(at, size, stop) {
		return false
	}
	p := b.still.Load()
	if p == nil || size == 0 {
		return true
	}
	for n := at / PageSize; n <= (at+size-1)/PageSize; n++ {
		if !p.allow(n, stop) {
			return false
		}
	}
	return true
}

// allow returns true once page n may be written, false when stop is closed before.
func (p *stillBlock) allow(n uint64, stop <-chan struct{}) bool {
	if p.free.Get(n) {
		return true
	}
	s := p.still
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.over && !p.free.Get(n) && !s.keep(p, n) {
		s.waiting++
		moved := s.moved
		s.mu.Unlock()
		stopped := false
		select {
		case <-moved:
		case <-stop:
			stopped = true
		}
		s.mu.Lock()
		s.waiting--
		if stopped {
			return false
		}
	}
	return true
}

// keep makes sure that page n can be given out as it is now; false where there are
// too many copies. mu is held.
func (s *Still) keep(p *stillBlock, n uint64) bool {
	if p.Populated(n) {
		data := s.buffer()
		if data == nil {
			return false
		}
		copy(data[:], p.Page(n))
		p.due.ClearRange(n, 1)
		s.copies = append(s.copies, stillCopy{p, n, data})
	} else {
		p.zeros.Set(n)
	}
	p.free.Set(n, 1)
	return true
}

// buffer gives room for a copy, nil where there is none. mu is held.
func (s *Still) buffer() *[PageSize]byte {
	if n := len(s.spare); n > 0 {
		b := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return b
	}
	if s.made == maxCopies {
		return nil
	}
	s.made++
	return new([PageSize]byte)
}
