package stream

import (
	"errors"
	"io"
)

// A channel to a file has positions, which count from the file's beginning.
// Offset goes on counting what was put or taken, wherever that is.

// errUnseekable is what a channel without positions says, in QEMU's words.
var errUnseekable = errors.New("Requested channel is not seekable: Invalid argument")

// writableFile is a channel that can be written anywhere.
type writableFile interface {
	io.WriterAt
	io.Seeker
}

// readableFile is a channel that can be read anywhere.
type readableFile interface {
	io.ReaderAt
	io.Seeker
}

// Position is where in the file the next byte that is put will be. All that was
// put before is written.
func (w *Writer) Position() int64 { return w.seek(0, io.SeekCurrent) }

// Move makes the next byte that is put go to a position, after all that was put
// before is written.
func (w *Writer) Move(to int64) { w.seek(to, io.SeekStart) }

func (w *Writer) seek(offset int64, whence int) int64 {
	if w.Flush() != nil {
		return 0
	}
	f, ok := w.dst.(writableFile)
	if !ok {
		w.Fail(errUnseekable)
		return 0
	}
	at, err := f.Seek(offset, whence)
	if err != nil {
		w.Fail(err)
	}
	return at
}

// PutAt writes p to a position of the file, at once and without a copy.
func (w *Writer) PutAt(p []byte, at int64) {
	if w.err != nil {
		return
	}
	f, ok := w.dst.(writableFile)
	if !ok {
		w.Fail(errUnseekable)
		return
	}
	n, err := f.WriteAt(p, at)
	w.offset += int64(n)
	if err != nil {
		w.Fail(err)
	}
}

// File is what the reader reads from, where that has positions: it can be read
// anywhere, by any number of goroutines. Otherwise it fails with QEMU's words.
func (r *Reader) File() (io.ReaderAt, error) {
	if f, ok := r.src.(readableFile); ok {
		return f, nil
	}
	return nil, errUnseekable
}

// Position is where in the file the next byte that is taken comes from.
func (r *Reader) Position() int64 { return r.seek(0, io.SeekCurrent) - int64(r.w-r.r) }

// Move makes the next byte that is taken come from a position of the file.
func (r *Reader) Move(to int64) {
	from := r.Position()
	r.seek(to, io.SeekStart)
	if r.err == nil {
		r.r, r.w, r.srcErr = 0, 0, nil
		r.offset += to - from
	}
}

func (r *Reader) seek(offset int64, whence int) int64 {
	if r.err != nil {
		return 0
	}
	f, ok := r.src.(readableFile)
	if !ok {
		r.Fail(errUnseekable)
		return 0
	}
	at, err := f.Seek(offset, whence)
	if err != nil {
		r.Fail(err)
	}
	return at
}
