package inspect

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"qmpmigrate/core/wire"
)

// mapped reads what follows the entry of a block whose pages have places of
// their own: where these are, and which pages are there. The positions are
// those of the file, which may begin before the stream.
func (m *ramReader) mapped(in *input, b *Block) error {
	h, err := wire.ParseMapped(in.r.Bytes(wire.MappedHeaderSize))
	if in.r.Err() != nil {
		return in.r.Err()
	}
	if err != nil {
		return err
	}
	begin := h.Bitmap - uint64(in.at()) // of the stream in the file
	if len(in.report.RAM.Blocks) == 0 {
		m.begin = begin
	}
	pages := b.Used / wire.PageSize
	end := h.Bitmap + wire.BitmapSize(pages)
	switch {
	case h.Bitmap < uint64(in.at()) || begin != m.begin:
		return fmt.Errorf("RAM block %s: the bitmap is said to be at 0x%x of the file, and follows here", b.Name, h.Bitmap)
	case h.PageSize != wire.PageSize:
		return fmt.Errorf("RAM block %s has pages of 0x%x bytes", b.Name, h.PageSize)
	case end < h.Bitmap || h.Pages < end || h.Pages%wire.PageSize != 0 || h.Pages+b.Used < h.Pages || h.Pages+b.Used > 1<<62:
		return fmt.Errorf("RAM block %s: pages cannot be at 0x%x of the file", b.Name, h.Pages)
	}
	b.PagesOffset = h.Pages
	var there Pages
	for first := uint64(0); first < pages && in.r.Err() == nil; first += 64 {
		word := binary.LittleEndian.Uint64(append(in.r.Bytes(8), make([]byte, 8)...))
		if rest := pages - first; rest < 64 && word>>rest != 0 {
			return fmt.Errorf("RAM block %s: pages beyond its end", b.Name)
		}
		there.Normal += uint64(bits.OnesCount64(word))
	}
	in.r.Skip(int64(h.Pages + b.Used - end))
	b.Start.add(&there)
	return in.r.Err()
}
