package dirtyrate

import (
	"context"
	"time"

	"qmpmigrate/core/memory"
)

// Mode is a way to measure.
type Mode int

// The modes.
const (
	// Sampling compares some pages with what they were.
	Sampling Mode = iota
	// Bitmap counts the pages that are in the log of writes at the end.
	Bitmap
	// Ring counts what each vCPU puts into its dirty ring.
	Ring
)

// Plan says what is to be measured, and how.
type Plan struct {
	Mode Mode
	Span time.Duration
	// Blocks are looked at by Sampling and Bitmap.
	Blocks []*memory.Block
	// Samples is how many pages Sampling looks at for each GiB.
	Samples uint64
	// Rings are those of Ring.
	Rings Rings
	// Measured is told the rate at the end; it may be nil.
	Measured func(rate int64)
}

// Rings are dirty rings of vCPUs.
type Rings interface {
	// Watch makes the vCPUs count until done.
	Watch() (done func())
	// Dirtied is how many pages each vCPU has dirtied while they counted.
	Dirtied() []uint64
}

// method is a mode at work.
type method interface {
	// prepare is called first, and end unless it fails.
	prepare() error
	// begin may take a time.
	begin(ctx context.Context)
	// end is called when the time is over, or ctx is. What it finds does not
	// count then. vcpus may be nil.
	end(ctx context.Context) finding
}

// finding is what was dirtied in bytes, in all and by each vCPU.
type finding struct {
	bytes float64
	vcpus []uint64
}

func (p *Plan) method() method {
	switch p.Mode {
	case Bitmap:
		return &bitmap{blocks: p.Blocks}
	case Ring:
		return &ring{rings: p.Rings}
	}
	return &sampling{blocks: p.Blocks, perGiB: p.Samples}
}

// bitmap counts each page once that was written.
type bitmap struct{ blocks []*memory.Block }

func (b *bitmap) prepare() error {
	for i, block := range b.blocks {
		if err := block.StartCount(); err != nil {
			for _, before := range b.blocks[:i] {
				before.StopCount()
			}
			return err
		}
	}
	return nil
}

func (*bitmap) begin(context.Context) {}

func (b *bitmap) end(context.Context) (f finding) {
	for _, block := range b.blocks {
		f.bytes += float64(block.StopCount() * memory.PageSize)
	}
	return f
}

type ring struct {
	rings  Rings
	done   func()
	before []uint64
}

func (r *ring) prepare() error {
	r.done = r.rings.Watch()
	r.before = r.rings.Dirtied()
	return nil
}

func (*ring) begin(context.Context) {}

func (r *ring) end(context.Context) (f finding) {
	for i, pages := range r.rings.Dirtied() {
		f.vcpus = append(f.vcpus, (pages-r.before[i])*memory.PageSize)
	}
	r.done()
	return f
}
