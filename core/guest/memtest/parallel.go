package memtest

import (
	"context"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// workers is how many goroutines eachChunk uses: as many as can run.
func workers() int { return runtime.GOMAXPROCS(0) }

// eachChunk calls do for pages [first, end), size pages at a time, from
// several goroutines. Each of them is called with its own worker number, below
// workers(), and sees its chunks in ascending order. The first error, or the
// end of ctx, ends it.
func eachChunk(ctx context.Context, first, end, size uint64, do func(worker int, first, end uint64) error) error {
	g, ctx := errgroup.WithContext(ctx)
	var next atomic.Uint64
	for worker := range min(uint64(workers()), (end-first+size-1)/size) {
		g.Go(func() error {
			for {
				from := first + next.Add(size) - size
				if from >= end {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := do(int(worker), from, min(from+size, end)); err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}
