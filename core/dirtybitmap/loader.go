package dirtybitmap

import (
	"fmt"
	"slices"
	"sync"

	"qmpmigrate/core/block"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// Loader takes bitmaps in. What is wrong with one of them, as a name that nobody
// knows, is told to people, and no bitmap comes then; the VM does. Load belongs
// to whoever reads the stream, the other methods may be called meanwhile.
type Loader struct {
	graph   *block.Graph
	mapping Mapping
	report  func(text string)
	trace   loaderTrace
	buffer  [wire.MaxDirtyBits]byte
	words   [wire.MaxDirtyBits / 8]uint64

	mu        sync.Mutex
	arriving  []*inBitmap
	node      *block.Node // that of the last chunk
	alias     string
	mapped    *MappedNode
	bitmap    *inBitmap // that of the last chunk
	running   bool      // the VM is about to run
	cancelled bool      // no bitmap comes any more
	bytes     int64     // what the bitmaps take, of this stream
	started   int       // how many bitmaps came, of this stream
}

// NewLoader makes a loader into the disks of a machine.
func NewLoader(graph *block.Graph, mapping Mapping, report func(text string)) *Loader {
	return &Loader{graph: graph, mapping: mapping, report: report}
}

// Load reads one body up to and with its EOS. After an error whoever loads gives
// the bitmaps up (Cancel), once it is known whether the VM runs here.
func (l *Loader) Load(r *stream.Reader, version uint32) error {
	if version != wire.DirtyVersion {
		return fmt.Errorf("unsupported version %d of the dirty-bitmap section", version)
	}
	l.trace.enter.Tell()
	for {
		// Whoever starts the VM must not wait for the source.
		var c chunk
		err := c.read(r, &l.buffer)
		if err == nil {
			l.trace.header.Tell(trace.Uint("flags", uint64(c.kind)))
			err = l.take(&c)
		}
		if err != nil {
			return err
		}
		if c.kind&wire.DirtyEOS != 0 {
			l.trace.success.Tell()
			return nil
		}
	}
}

// Begin is called when the VM is about to run: its writes are recorded from now
// on in the bitmaps which shall. Only the first call counts.
func (l *Loader) Begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running {
		return
	}
	l.running = true
	l.arriving = slices.DeleteFunc(l.arriving, func(b *inBitmap) bool {
		b.begin()
		return b.whole
	})
}

// Cancel drops all bitmaps that are not whole, and before the VM runs all that
// came. What the stream brings from now on is read and forgotten.
func (l *Loader) Cancel() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel()
}

func (l *Loader) cancel() {
	l.cancelled = true
	for _, b := range l.arriving {
		b.SetState(func(is *block.State) { is.Busy = false })
		b.node.RemoveBitmap(b.Bitmap)
	}
	l.arriving, l.node, l.bitmap, l.mapped = nil, nil, nil, nil
}

// Unfinished says whether a bitmap is not whole yet.
func (l *Loader) Unfinished() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.arriving, func(b *inBitmap) bool { return !b.whole })
}

// take acts on a chunk. An error is one of the whole migration.
func (l *Loader) take(c *chunk) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancelled || c.nothing() {
		return nil
	}
	name, to, err := l.find(c)
	switch {
	case err != nil:
	case c.kind&wire.DirtyStart != 0:
		return l.start(c, name, to)
	case c.kind&wire.DirtyComplete != 0:
		l.trace.complete.Tell()
		l.complete()
	case c.kind&wire.DirtyBits != 0:
		l.trace.comes(c)
		err = l.bitmap.bits(c, l.words[:])
	}
	if err != nil {
		l.report(err.Error())
		l.cancel()
	}
	return nil
}

func (l *Loader) complete() {
	b := l.bitmap
	b.whole = true
	b.SetState(func(is *block.State) { is.Busy = false })
	if l.running {
		l.arriving = slices.DeleteFunc(l.arriving, func(other *inBitmap) bool { return other == b })
	}
}
