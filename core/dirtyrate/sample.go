package dirtyrate

import (
	"context"
	"hash/crc32"
	"math/rand/v2"

	"qmpmigrate/core/memory"
)

// leastBlock is how large a block is of which pages are looked at: smaller ones
// are ROMs and the like.
const leastBlock = 128 << 10

// sampling looks at some pages of each block, chosen at random, twice.
type sampling struct {
	blocks []*memory.Block
	perGiB uint64
	taken  []sample
}

func (*sampling) prepare() error { return nil }

func (s *sampling) begin(ctx context.Context) {
	random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	large := false
	for _, b := range s.blocks {
		large = large || b.Size() >= leastBlock
	}
	for _, b := range s.blocks {
		if b.Size() >= leastBlock || !large {
			s.taken = append(s.taken, take(ctx, b, s.perGiB, random))
		}
	}
}

func (s *sampling) end(ctx context.Context) (f finding) {
	for i := range s.taken {
		t := &s.taken[i]
		f.bytes += float64(t.changed(ctx)) / float64(len(t.pages)) * float64(t.block.Size())
	}
	return f
}

// sample is what some pages of a block looked like.
type sample struct {
	block *memory.Block
	pages []uint64
	sums  []uint32
}

// take looks at perGiB pages for each GiB of the block, chosen at random, at
// least one.
func take(ctx context.Context, b *memory.Block, perGiB uint64, random *rand.Rand) sample {
	const gib = 1 << 30
	s := sample{block: b, pages: make([]uint64, max(b.Size()*perGiB/gib, 1))}
	for i := range s.pages {
		s.pages[i] = random.Uint64N(b.Pages())
	}
	s.sums = s.look(ctx)
	return s
}

// look gives a sum of every page of the sample. A page that was never written
// is not touched: that would cost the host memory.
func (s *sample) look(ctx context.Context) []uint32 {
	s.block.Refresh()
	sums := make([]uint32, len(s.pages))
	for i, n := range s.pages {
		if s.block.Wait(n, memory.NoCPU, ctx.Done()) && s.block.Populated(n) {
			sums[i] = crc32.ChecksumIEEE(s.block.Page(n))
		}
	}
	return sums
}

// changed counts the pages that do not look as they did.
func (s *sample) changed(ctx context.Context) (n uint64) {
	for i, sum := range s.look(ctx) {
		if sum != s.sums[i] {
			n++
		}
	}
	return n
}
