package ram

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// bitmapPart is how much of a bitmap is read at once, in bytes: 256 MiB of pages.
const bitmapPart = 8 << 10

// mapped takes in a block of the list whose pages have places of their own in
// the file, and goes on behind them.
func (l *Loader) mapped(r *stream.Reader, b *memory.Block) error {
	h, err := l.place(r, b)
	if err != nil {
		return err
	}
	file, err := r.File()
	if err != nil {
		return err
	}
	if err := l.present(file, b, h); err != nil {
		return err
	}
	r.Move(int64(h.Pages + b.Size()))
	return r.Err()
}

// place reads where in the file a block is. What cannot be is refused before
// anything is read from there: QEMU would do as it is told.
func (l *Loader) place(r *stream.Reader, b *memory.Block) (h wire.MappedHeader, err error) {
	head, err := r.Peek(wire.MappedHeaderSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return h, err
	}
	if h, err = wire.ParseMapped(head); err != nil {
		return h, err
	}
	r.Skip(wire.MappedHeaderSize)
	if h.Pages%memory.PageSize != 0 {
		return h, fmt.Errorf("Error reading ramblock %s pages, region has bad alignment", b.Name())
	}
	at := uint64(r.Position())
	switch bits := wire.BitmapSize(b.Pages()); {
	case r.Err() != nil:
		return h, r.Err()
	case h.PageSize != memory.PageSize:
		return h, fmt.Errorf("RAM block %s has pages of %d bytes in the file", b.Name(), h.PageSize)
	case h.Pages > math.MaxInt64-b.Size(), h.Bitmap < at, h.Bitmap > h.Pages, h.Pages-h.Bitmap < bits:
		return h, fmt.Errorf("RAM block %s cannot be where the file says: bitmap at %x, pages at %x", b.Name(), h.Bitmap, h.Pages)
	}
	return h, nil
}

// present reads the bitmap of a block part by part, and the pages that it says
// are there.
func (l *Loader) present(file io.ReaderAt, b *memory.Block, h wire.MappedHeader) error {
	p := newPieces(l, file, b, int64(h.Pages))
	part := make([]byte, min(bitmapPart, wire.BitmapSize(b.Pages())))
	for first := uint64(0); first < b.Pages(); first += bitmapPart * 8 {
		count := min(bitmapPart*8, b.Pages()-first)
		part = part[:wire.BitmapSize(count)]
		if n, _ := file.ReadAt(part, int64(h.Bitmap+first/8)); n < len(part) {
			if err := p.wait(); err != nil {
				return err
			}
			return errors.New("Error reading dirty bitmap")
		}
		m := memory.NewBitmap(count)
		for i := 0; i < len(part); i += 8 {
			m.SetWord(uint64(i/8), binary.LittleEndian.Uint64(part[i:]))
		}
		if !p.runs(m, first) {
			break
		}
	}
	return p.wait()
}
