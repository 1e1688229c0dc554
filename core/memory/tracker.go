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

// track begins one of the logs. The tracker begins with the first of them, and
// before it is asked for what was written until then, so that no write is missed
// by both. What it knows when another log begins is for those that are there.
// After an error the log is begun, but the tracker will tell nothing.
func (b *Block) track(log uint32) error {
	b.tracking.Lock()
	defer b.tracking.Unlock()
	b.written()
	if before := b.logs.Or(log); b.tracker == nil || before != 0 {
		return nil
	}
	err := b.tracker.Track()
	b.Refresh()
	return err
}

// look is written for those who do not hold tracking.
func (b *Block) look() {
	b.tracking.Lock()
	defer b.tracking.Unlock()
	b.written()
}

// written enters what the tracker knows into the logs. Where it knows nothing
// all is taken for written: then a migration does not converge, but it does not
// lose a page either. Callers hold tracking.
func (b *Block) written() {
	if b.tracker != nil && b.logs.Load() != 0 && b.tracker.Written(b.enter) != nil {
		b.enter(0, b.Pages())
	}
}

// untrack ends one of the logs, and the tracker with the last.
func (b *Block) untrack(log uint32) {
	b.tracking.Lock()
	defer b.tracking.Unlock()
	if before := b.logs.And(^log); before == log && b.tracker != nil {
		// What it would still report nobody asks for.
		_ = b.tracker.Untrack()
	}
}

// enter puts pages into the logs that were written.
func (b *Block) enter(first, count uint64) {
	b.populated.setRange(first, count)
	logs := b.logs.Load()
	if logs&logDirty != 0 {
		b.dirty.setRange(first, count)
	}
	if logs&logCounted != 0 {
		b.counted.setRange(first, count)
	}
}
