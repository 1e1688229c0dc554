// Package postcopy is how memory comes to a VM that runs already: which pages
// are absent, who waits for them, what the source is asked for, and how pages
// are put in their places.
package postcopy

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/trace"
)

// Memory knows which host pages of a machine's blocks are absent. Discard and
// Listen are for one goroutine, before anybody waits; the rest is safe from any.
type Memory struct {
	blocks []*block
	times  *Blocktime // nil: nobody counts
	points points
	closed chan struct{}
	close  sync.Once

	// waited is how many requests there are: nobody looks for one after a
	// page was placed while it is 0.
	waited atomic.Int64

	mu      sync.Mutex
	source  Source // nil while there is none
	queue   []*request
	wake    chan struct{} // holds a token when the queue is not empty
	serving sync.WaitGroup
	asker   asker
}

// block is a RAM block with pages that may be absent.
type block struct {
	*memory.Block
	all  *Memory
	host uint64 // size of its host pages in bytes
	// absent has a bit for each host page; nil where nothing was discarded.
	absent *memory.Marks
	// placing keeps a page that comes twice, on two channels, from being put
	// over what the guest wrote to it meanwhile.
	placing [stripes]sync.Mutex
	// requests are those for absent pages that somebody waits for, or
	// waited for; the Memory's mu guards it.
	requests map[uint64]*request
}

// stripes is how many locks there are for the pages of a block.
const stripes = 64

// New makes a Memory of the blocks of a machine, of which no page is absent.
// times, which may be nil, hears of who waits.
func New(blocks []*memory.Block, times *Blocktime) *Memory {
	m := &Memory{times: times, closed: make(chan struct{}), wake: make(chan struct{}, 1)}
	for _, b := range blocks {
		m.blocks = append(m.blocks, &block{Block: b, all: m, host: b.HostPage(), requests: map[uint64]*request{}})
	}
	return m
}

// HostPages are the sizes of the blocks' host pages, or'ed together.
func HostPages(blocks []*memory.Block) (sizes uint64) {
	for _, b := range blocks {
		sizes |= b.HostPage()
	}
	return sizes
}

// Discard throws a range of a block away, in bytes: its pages are absent from now on.
func (m *Memory) Discard(name string, start, length uint64) error {
	b := m.named(name)
	switch {
	case b == nil:
		return fmt.Errorf("ram_discard_range: Failed to find block '%s'", name)
	case start%b.host != 0:
		return fmt.Errorf("ram_block_discard_range: Unaligned start address: 0x%x", start)
	case start > b.Size() || length > b.Size()-start:
		return fmt.Errorf("ram_block_discard_range: Overrun block '%s' (%d/%x/%x)", name, start, length, b.Size())
	case length%b.host != 0:
		return fmt.Errorf("ram_block_discard_range: Unaligned length: %x", length)
	case length == 0:
		return nil
	}
	m.points.discard.Tell(trace.Str("rbname", name), trace.Uint("start", start), trace.Uint("len", length))
	if err := b.Block.Discard(start/memory.PageSize, length/memory.PageSize); err != nil {
		return fmt.Errorf("ram_block_discard_range: Failed to discard range %s:%x +%x (%w)", name, start, length, err)
	}
	if b.absent == nil {
		b.absent = memory.NewMarks(b.Size() / b.host)
	}
	b.absent.Set(start/b.host, length/b.host)
	return nil
}

func (m *Memory) named(name string) *block {
	for _, b := range m.blocks {
		if b.Name() == name {
			return b
		}
	}
	return nil
}

// Listen makes whoever touches an absent page wait for it, and asks source for
// the pages. It ends with Close.
func (m *Memory) Listen(source Source) error {
	for _, b := range m.blocks {
		if b.absent == nil {
			continue
		}
		b.SetAbsence(b)
		if g := b.Guard(); g != nil {
			if err := g.Guard(b.fault); err != nil {
				return err
			}
		}
	}
	m.points.enabled.Tell()
	m.serving.Go(m.serve)
	m.Connect(source)
	return nil
}

// Absent is how many bytes are absent.
func (m *Memory) Absent() (bytes uint64) {
	for _, b := range m.blocks {
		if b.absent != nil {
			bytes += b.absent.Count() * b.host
		}
	}
	return bytes
}

// Whole waits until no page is absent, unless stop is closed first.
func (m *Memory) Whole(stop <-chan struct{}) {
	for _, b := range m.blocks {
		for b.absent != nil {
			host, ok := b.absent.First()
			if !ok {
				break
			}
			if !b.Wait(host*(b.host/memory.PageSize), 0, stop) {
				return
			}
		}
	}
}

// Close ends all waits and requests. Where pages are absent still, whoever
// waits for them learns that they will not come.
func (m *Memory) Close() error {
	var errs []error
	m.close.Do(func() {
		close(m.closed)
		m.serving.Wait()
		for _, b := range m.blocks {
			if b.absent == nil || b.absent.Count() > 0 {
				// Nobody may take what is absent for zeros.
				continue
			}
			if g := b.Guard(); g != nil {
				errs = append(errs, g.Unguard())
			}
			b.SetAbsence(nil)
		}
	})
	return errors.Join(errs...)
}
