package ram

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"qmpmigrate/core/memory"
)

// What is read at once, in pages: pieces of runs, and several of them by one
// goroutine, so that scattered pages are not one goroutine each.
const (
	piecePages = 1 << 20 / memory.PageSize
	batchPages = 2 * piecePages
	batchRuns  = 256
)

// run is some pages of a block.
type run struct{ first, count uint64 }

// pieces reads pages of a block from their places in a file straight to where
// they belong, on all cores or as many goroutines as there are files: what a destination spends its time with is the
// page faults of memory that nobody has touched before.
type pieces struct {
	files  chan io.ReaderAt // those that nobody reads from now
	block  *memory.Block
	base   int64 // where page 0 is
	loader *Loader
	// keeps: what the file does not have is not zero, but there already.
	keeps bool
	group errgroup.Group

	batch []run
	pages uint64 // in batch

	mu     sync.Mutex
	failed uint64 // the first page of the first piece that could not be read
	err    error
}

func newPieces(l *Loader, file io.ReaderAt, b *memory.Block, base int64) *pieces {
	p := &pieces{block: b, base: base, loader: l, keeps: l.options.IgnoreShared && b.Shared()}
	files := l.options.Files
	if len(files) == 0 {
		files = slices.Repeat([]io.ReaderAt{file}, runtime.GOMAXPROCS(0))
	}
	p.files = make(chan io.ReaderAt, len(files))
	for _, f := range files {
		p.files <- f
	}
	p.group.SetLimit(len(files))
	return p
}

// runs reads the pages whose bits are set in m, which begins with page at of
// the block. The others are zeros, in memory that is not fresh, too. It gives up
// where a read has failed.
func (p *pieces) runs(m *memory.Bitmap, at uint64) bool {
	zeros := uint64(0) // from here on there was no page
	for pos := uint64(0); ; {
		first, count := m.NextRun(pos, m.Pages())
		p.clear(at+zeros, first-zeros)
		if count == 0 {
			break
		}
		p.block.AdviseHugeIn(at+first, count)
		for end := first + count; first < end; {
			n := min(end-first, piecePages)
			p.add(run{at + first, n})
			first += n
		}
		pos, zeros = first, first
		if p.error() != nil {
			return false
		}
	}
	p.flush()
	return true
}

func (p *pieces) add(r run) {
	p.batch = append(p.batch, r)
	p.pages += r.count
	if p.pages >= batchPages || len(p.batch) == batchRuns {
		p.flush()
	}
}

// flush hands a batch over to the next goroutine that is free.
func (p *pieces) flush() {
	batch := p.batch
	p.batch, p.pages = nil, 0
	p.group.Go(func() error {
		file := <-p.files
		defer func() { p.files <- file }()
		for _, r := range batch {
			p.read(file, r)
		}
		return nil
	})
}

func (p *pieces) read(file io.ReaderAt, r run) {
	at := r.first * memory.PageSize
	dst := p.block.Bytes()[at : at+r.count*memory.PageSize]
	from := p.base + int64(at)
	n, err := file.ReadAt(dst, from)
	if n < len(dst) {
		if err == nil || errors.Is(err, io.EOF) {
			err = fmt.Errorf("Partial read of size %d, expected %d: %w", n, len(dst), io.ErrUnexpectedEOF)
		}
		p.fail(r, fmt.Errorf("(%s) failed to read page %x from file offset %x: %w", p.block.Name(), at, from, err))
		return
	}
	p.block.Populate(r.first, r.count)
	p.loader.stats.Normal.Add(r.count)
}

// clear makes pages zeros that may hold something else.
func (p *pieces) clear(first, count uint64) {
	if p.keeps {
		return
	}
	for end := first + count; first < end; first += 64 {
		n := min(64, end-first)
		if p.block.Untouched(first, n) {
			continue
		}
		for page := first; page < first+n; page++ {
			p.block.Clear(page)
		}
	}
	p.loader.stats.Zero.Add(count)
}

// fail keeps the error of the first piece in the block's order, whichever
// goroutine was first.
func (p *pieces) fail(r run, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil || r.first < p.failed {
		p.failed, p.err = r.first, err
	}
}

func (p *pieces) error() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// wait ends all that was begun.
func (p *pieces) wait() error {
	// Its functions keep their errors in order themselves.
	_ = p.group.Wait()
	return p.error()
}
