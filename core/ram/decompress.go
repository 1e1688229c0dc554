package ram

import (
	"sync"
	"sync/atomic"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// inflaters take pages that come compressed while the incoming goroutine reads
// on. They start with the first such page.
type inflaters struct {
	threads int
	// work goes to whoever is free, and idle comes back: all of them together
	// are as many as may be under way at once.
	work, idle chan *compressed
	all        []*compressed
	underWay   bool // some may be
	working    sync.WaitGroup
	running    sync.WaitGroup

	mu  sync.Mutex
	err error // the first
}

// compressed is a page that came.
type compressed struct {
	page []byte
	data [wire.MaxCompressed]byte
	size int
	busy atomic.Bool // it is with a goroutine
}

// compressed takes the rest of a record with a compressed page.
func (l *Loader) compressed(r *stream.Reader, b *memory.Block, page uint64) error {
	n, err := CompressedSize(r)
	if err != nil {
		return err
	}
	c := l.inflaters.next()
	l.inflaters.settle(b.Page(page))
	c.page, c.size = b.Page(page), n
	if r.Full(c.data[:n]); r.Err() != nil {
		l.inflaters.idle <- c
		return stream.EIO(r.Err())
	}
	l.ahead.expect(b, page)
	b.Populate(page, 1)
	l.inflaters.give(c)
	l.stats.Normal.Add(1)
	return nil
}

// next waits for room for another page.
func (i *inflaters) next() *compressed {
	if i.work == nil {
		i.start()
	}
	return <-i.idle
}

// give hands a page over.
func (i *inflaters) give(c *compressed) {
	i.underWay = true
	c.busy.Store(true)
	i.working.Add(1)
	i.work <- c
}

func (i *inflaters) start() {
	const each = 4 // pages that wait for, or are with, each goroutine
	i.work, i.idle = make(chan *compressed, each*i.threads), make(chan *compressed, each*i.threads)
	for range cap(i.idle) {
		c := &compressed{}
		i.all = append(i.all, c)
		i.idle <- c
	}
	for range i.threads {
		i.running.Go(i.run)
	}
}

func (i *inflaters) run() {
	var inflater Inflater
	for c := range i.work {
		if err := inflater.Inflate(c.page, c.data[:c.size]); err != nil {
			i.fail(err)
		}
		c.busy.Store(false)
		i.working.Done()
		i.idle <- c
	}
}

// fail keeps the first error; the next EOS tells of it.
func (i *inflaters) fail(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.err == nil {
		i.err = err
	}
}

// settle waits for a page that is under way before another record is about it.
// No source sends one twice without an EOS between, but the last one wins.
func (i *inflaters) settle(page []byte) {
	if !i.underWay {
		return
	}
	for _, c := range i.all {
		if c.busy.Load() && &c.page[0] == &page[0] {
			i.working.Wait()
		}
	}
}

// wait returns once all pages that came are in their places. Those that are
// sent again come later.
func (i *inflaters) wait() error {
	i.working.Wait()
	i.underWay = false
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.err
}

// close ends the goroutines.
func (i *inflaters) close() {
	if i.work != nil {
		close(i.work)
		i.running.Wait()
		i.work = nil
	}
}
