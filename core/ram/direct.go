package ram

import (
	"encoding/binary"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// windowPages is how many pages one system call may bring straight to their
// places: as many as the reader can take back.
const windowPages = stream.ScatterLimit/wire.RAMPageSize - 1

// window is the vector for reading pages to where they will probably belong: a
// run of pages that goes on comes as header, page, header, page.
type window struct {
	headers [windowPages][wire.RAMHeaderSize]byte
	iov     [2*windowPages + 1][]byte
	back    [2*windowPages + 1][]byte
}

// direct takes the rest of page, whose header was taken, and with the same
// system call the pages that probably follow. The run that page belongs to
// says how many: only as many as have come in it already, so that a wrong
// guess costs no more than the run saved. It returns how many pages came
// besides page.
func (l *Loader) direct(r *stream.Reader, b *memory.Block, page uint64) (more uint64) {
	dst := b.Page(page)
	n := copy(dst, r.Buffered())
	r.Advance(n)
	count := l.guess(b, page+1)
	if count == 0 || !r.CanScatter() {
		r.Full(dst[n:])
		return 0
	}
	w := &l.window
	w.iov[0] = dst[n:]
	got := r.Scatter(w.aim(b, page+1, count))
	rest := memory.PageSize - n
	if got < rest {
		r.Full(dst[n+got:])
		return 0
	}
	return l.settle(r, b, page+1, got-rest)
}

// onward takes what a run that goes on brings, beginning with a header of
// which less than all has been read. It returns how many pages came; none
// where there is no run.
func (l *Loader) onward(r *stream.Reader, b *memory.Block) (pages uint64) {
	first := l.ahead.next
	count := l.guess(b, first)
	if count == 0 {
		return 0
	}
	w := &l.window
	n := copy(w.headers[0][:], r.Buffered())
	r.Advance(n)
	if !r.CanScatter() {
		r.Unread(w.headers[0][:n])
		return 0
	}
	w.iov[0] = nil
	iov := w.aim(b, first, count)
	iov[1] = w.headers[0][n:]
	got := r.Scatter(iov)
	iov[1] = w.headers[0][:]
	return l.settle(r, b, first, n+got)
}

// leastRun is how many pages make a run that will probably go on.
const leastRun = 4

// guess is how many pages from first on will probably come next.
func (l *Loader) guess(b *memory.Block, first uint64) uint64 {
	run := l.ahead.length(b, first)
	count := min(run, windowPages, l.ahead.reach(b, first))
	if run < leastRun || !b.Untouched(first, count) {
		return 0
	}
	return count
}

// aim points the vector behind its first piece to count pages from first on.
func (w *window) aim(b *memory.Block, first, count uint64) [][]byte {
	for i := range count {
		w.iov[2*i+1] = w.headers[i][:]
		w.iov[2*i+2] = b.Page(first + i)
	}
	return w.iov[:2*count+1]
}

// settle looks at what came behind the page that direct was asked for: got
// bytes of headers and pages from first on. What is not as it was guessed goes
// back to the reader, and the memory that it went to is as before.
func (l *Loader) settle(r *stream.Reader, b *memory.Block, first uint64, got int) (pages uint64) {
	w := &l.window
	for got >= wire.RAMPageSize && w.guessed(pages, first) {
		l.ahead.expect(b, first+pages)
		pages++
		got -= wire.RAMPageSize
	}
	b.Populate(first, pages)
	if got == 0 {
		return pages
	}
	if got >= wire.RAMHeaderSize && got < wire.RAMPageSize && w.guessed(pages, first) {
		// The last page came in part: its rest follows.
		page := first + pages
		l.ahead.expect(b, page)
		r.Full(b.Page(page)[got-wire.RAMHeaderSize:])
		b.Populate(page, 1)
		return pages + 1
	}
	l.giveBack(r, b, first, pages, got)
	return pages
}

// guessed says whether header i, complete, is that of page first+i.
func (w *window) guessed(i, first uint64) bool {
	want := (first+i)*memory.PageSize | uint64(wire.RAMPage|wire.RAMContinue)
	return binary.BigEndian.Uint64(w.headers[i][:]) == want
}

// giveBack returns got bytes, from header i on, to the reader.
func (l *Loader) giveBack(r *stream.Reader, b *memory.Block, first, i uint64, got int) {
	w := &l.window
	back := w.back[:0]
	touched := uint64(0)
	for j := 2*i + 1; got > 0; j++ {
		part := w.iov[j][:min(got, len(w.iov[j]))]
		back = append(back, part)
		got -= len(part)
		if j%2 == 0 {
			touched++
		}
	}
	r.Unread(back...)
	if touched == 0 {
		return
	}
	// To give a part of a huge page back would split it.
	if b.Preallocated() || l.ahead.covers(b, first+i, touched) {
		clear(b.Bytes()[(first+i)*memory.PageSize:][:touched*memory.PageSize])
		return
	}
	// The pages must read as zeros again: without them the load has failed.
	if err := b.Discard(first+i, touched); err != nil {
		r.Fail(err)
	}
}
