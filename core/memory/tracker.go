package memory

// Tracker is what an accelerator knows of writes where vCPUs do not call
// MarkWritten, because they run outside of this process. Each mark is called
// with runs of pages of the block, which may be more than were written.
type Tracker interface {
	// Track begins a log of writes, which starts empty.
	Track() error
	// Written tells what was written since Track, or since the last Written.
	Written(mark func(first, count uint64)) error
	// Untrack ends the log.
	Untrack() error
	// Touched tells which pages may hold anything but zeros.
	Touched(mark func(first, count uint64)) error
}

// SetTracker says who knows of the block's writes besides MarkWritten. It is
// set before the block is used; nil is nobody.
func (b *Block) SetTracker(t Tracker) { b.tracker = t }

// Refresh makes Populated know of what was written without MarkWritten until
// now. StartLog and SyncLog do it, too.
func (b *Block) Refresh() {
	if b.tracker != nil && b.tracker.Touched(b.Populate) != nil {
		b.Populate(0, b.Pages())
	}
}

// track begins the tracker's log before it asks for what was written until
// then, so that no write is missed by both.
func (b *Block) track() {
	if b.tracker == nil {
		return
	}
	if b.tracker.Track() != nil {
		b.enter(0, b.Pages())
	}
	b.Refresh()
}

// written enters what the tracker knows into the log. Where it knows nothing
// all is taken for written: then a migration does not converge, but it does not
// lose a page either.
func (b *Block) written() {
	if b.tracker != nil && b.logging.Load() && b.tracker.Written(b.enter) != nil {
		b.enter(0, b.Pages())
	}
}

func (b *Block) untrack() {
	if b.tracker != nil {
		// What it would still report nobody asks for.
		_ = b.tracker.Untrack()
	}
}

// enter puts pages into the log that were written.
func (b *Block) enter(first, count uint64) {
	b.populated.setRange(first, count)
	b.dirty.setRange(first, count)
}
