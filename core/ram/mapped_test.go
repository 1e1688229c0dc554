package ram

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

func temporary(t testing.TB) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// saveMapped writes blocks to f, from where it stands; between is called
// between START and END, each time before a PART.
func saveMapped(t testing.TB, f *os.File, src []*memory.Block, options Options, between ...func()) {
	t.Helper()
	options.Mapped = NewPlaces()
	w := stream.NewWriter(f)
	s := NewSaver(src, &Stats{}, options)
	defer s.Close()
	s.Start(w, time.Now())
	for _, change := range between {
		room := 40
		s.Iterate(w, func() int64 { room--; return int64(room) * 5000 })
		change()
		s.Sync(time.Now())
	}
	s.Complete(w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

func loadMapped(src io.Reader, target Blocks, options Options, bodies int) error {
	options.Mapped = NewPlaces()
	l := NewLoader(target, &Stats{}, options)
	defer l.Close()
	r := stream.NewReader(src)
	for range bodies {
		if err := l.Load(r, wire.RAMVersion); err != nil {
			return err
		}
	}
	return nil
}

// Whatever the guest writes between the passes, both memories are equal at the
// end, wherever in the file they begin, and whatever the target's held before.
func TestMappedPassesConverge(t *testing.T) {
	f := temporary(t)
	rapid.Check(t, func(rt *rapid.T) {
		src := source(t, rapid.SampledFrom([]uint64{1, 64, 600}).Draw(rt, "pages"), 3)
		write := func() {
			b := src[rapid.IntRange(0, 1).Draw(rt, "block")]
			first := rapid.Uint64Range(0, b.Pages()-1).Draw(rt, "first")
			count := rapid.Uint64Range(1, b.Pages()-first).Draw(rt, "count")
			step := rapid.Uint64Range(1, 5).Draw(rt, "step")
			zero := rapid.Bool().Draw(rt, "zero")
			for p := first; p < first+count; p += step {
				if zero {
					clear(b.Page(p))
					b.MarkWritten(p)
				} else {
					scribble(b, p, byte(p))
				}
			}
		}
		write()
		begin := rapid.Int64Range(0, 3<<20).Draw(rt, "begin")
		f.Truncate(begin)
		f.Seek(begin, io.SeekStart)
		passes := make([]func(), rapid.IntRange(0, 4).Draw(rt, "passes"))
		for i := range passes {
			passes[i] = write
		}
		saveMapped(t, f, src, Options{KeepZeros: rapid.Bool().Draw(rt, "zeros")}, passes...)
		end, _ := f.Seek(0, io.SeekCurrent)

		dst := source(t, src[0].Pages(), src[1].Pages())
		defer func() { // not only at the end of all checks
			for _, b := range append(src, dst...) {
				b.Close()
			}
		}()
		for p := uint64(0); p < dst[0].Pages(); p += 3 {
			scribble(dst[0], p, 77)
		}
		f.Seek(begin, io.SeekStart)
		if err := loadMapped(f, &named{dst}, Options{}, len(passes)+2); err != nil {
			rt.Fatal(err)
		}
		if size, _ := f.Seek(0, io.SeekEnd); size != end {
			rt.Fatalf("the file has %d bytes, %d were written", size, end)
		}
		for i, b := range src {
			if !bytes.Equal(b.Bytes(), dst[i].Bytes()) {
				rt.Fatalf("%s differs", b.Name())
			}
		}
	})
}

// named are blocks that are there already.
type named struct{ list []*memory.Block }

func (n *named) Block(name string, _ uint64) (*memory.Block, error) {
	for _, b := range n.list {
		if b.Name() == name {
			return b, nil
		}
	}
	return nil, errors.New("no such block")
}

// The file is laid out as QEMU does it.
func TestMappedLayout(t *testing.T) {
	src := source(t, 200, 3)
	scribble(src[0], 70, 1)
	scribble(src[0], 71, 2)
	scribble(src[1], 2, 3)
	f := temporary(t)
	f.Seek(0x1000, io.SeekStart)
	saveMapped(t, f, src, Options{})
	data, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	at := 0x1000 + 8 + 1 + len("block0") + 8
	header := wire.MappedHeader{PageSize: 4096, Bitmap: uint64(at) + 28, Pages: 1 << 20}
	if got := data[at : at+28]; !bytes.Equal(got, header.Append(nil)) {
		t.Errorf("header % x", got)
	}
	bits := make([]byte, 32)
	binary.LittleEndian.PutUint64(bits[8:], 1<<6|1<<7)
	if got := data[at+28 : at+28+32]; !bytes.Equal(got, bits) {
		t.Errorf("bitmap % x", got)
	}
	pages := data[1<<20:]
	if !bytes.Equal(pages[70*4096:72*4096], src[0].Bytes()[70*4096:72*4096]) {
		t.Error("pages are elsewhere")
	}
	// The next block's entry stands behind the last page's place.
	next := pages[200*4096:]
	if !bytes.HasPrefix(next, wire.AppendRAMSize(nil, "block1", 3*4096)) {
		t.Errorf("% x", next[:20])
	}
	if want := 2<<20 + 3*4096 + 2*8; len(data) != want {
		t.Errorf("%d bytes, want %d", len(data), want)
	}
}

// Memory that others share keeps what it holds: the file has nothing of it.
func TestMappedLeavesSharedAlone(t *testing.T) {
	src, dst := source(t, 10, 10), source(t, 10, 10)
	for _, list := range [][]*memory.Block{src, dst} {
		list[0].Share()
		scribble(list[0], 4, 9)
	}
	scribble(src[1], 5, 1)
	f := temporary(t)
	saveMapped(t, f, src, Options{IgnoreShared: true})
	f.Seek(0, io.SeekStart)
	if err := loadMapped(f, &named{dst}, Options{IgnoreShared: true}, 2); err != nil {
		t.Fatal(err)
	}
	for i := range src {
		if !bytes.Equal(src[i].Bytes(), dst[i].Bytes()) {
			t.Errorf("%s differs", src[i].Name())
		}
	}
}

// What is never written costs neither memory nor room in the file.
func TestMappedZerosCostNothing(t *testing.T) {
	src := source(t, 1<<18) // 1 GiB
	scribble(src[0], 9, 1)
	f := temporary(t)
	saveMapped(t, f, src, Options{})
	f.Seek(0, io.SeekStart)
	dst := source(t, 1<<18)
	if err := loadMapped(f, &named{dst}, Options{}, 2); err != nil {
		t.Fatal(err)
	}
	if !dst[0].Populated(9) || !dst[0].Untouched(0, 9) || !dst[0].Untouched(10, 1<<18-10) {
		t.Error("pages were written that are not there")
	}
}

func TestMappedRefuses(t *testing.T) {
	const size, pages = 0x4000, 1 << 20
	file := func(h wire.MappedHeader, rest ...byte) []byte {
		b := wire.AppendRAM(nil, size, wire.RAMMemSize)
		b = wire.AppendRAMSize(b, "ram0", size)
		return append(h.Append(b), rest...)
	}
	good := wire.MappedHeader{PageSize: 4096, Bitmap: 49, Pages: pages}
	with := func(change func(*wire.MappedHeader)) []byte {
		h := good
		change(&h)
		return file(h, make([]byte, 8)...)
	}
	newer := file(good)
	newer[24] = 2
	all := append(file(good), 15, 0, 0, 0, 0, 0, 0, 0)
	page := make([]byte, 4096)
	for _, c := range []struct {
		name, want string
		body       []byte
	}{
		{"no header", "Could not read whole mapped-ram migration header (expected 28, got 0 bytes)", file(good)[:21]},
		{"cut header", "Could not read whole mapped-ram migration header (expected 28, got 11 bytes)", file(good)[:32]},
		{"newer", "Migration mapped-ram capability version not supported (expected <= 1, got 2)", newer},
		{"alignment", "Error reading ramblock ram0 pages, region has bad alignment", with(func(h *wire.MappedHeader) { h.Pages++ })},
		{"no bitmap", "Error reading dirty bitmap", file(good)},
		{"page size 0", "pages of 0 bytes", with(func(h *wire.MappedHeader) { h.PageSize = 0 })},
		{"page size", "pages of 16384 bytes", with(func(h *wire.MappedHeader) { h.PageSize = 16384 })},
		{"pages before", "cannot be where", with(func(h *wire.MappedHeader) { h.Pages = 0 })},
		{"pages over bitmap", "cannot be where", with(func(h *wire.MappedHeader) { h.Bitmap = pages - 4 })},
		{"pages 2^63", "cannot be where", with(func(h *wire.MappedHeader) { h.Pages = 1 << 63 })},
		{"pages at the end of all", "cannot be where", with(func(h *wire.MappedHeader) { h.Pages = math.MaxUint64 &^ 4095 })},
		{"bitmap before", "cannot be where", with(func(h *wire.MappedHeader) { h.Bitmap = 0 })},
		{"bitmap 2^63", "cannot be where", with(func(h *wire.MappedHeader) { h.Bitmap = 1 << 63 })},
		{"nothing there", "(ram0) failed to read page 0 from file offset 100000: Partial read of size 0, expected 16384", all},
		{"less there", "(ram0) failed to read page 0 from file offset 100000: Partial read of size 4096, expected 16384",
			append(append(all, make([]byte, pages-len(all))...), page...)},
		{"nothing behind", "Getting RAM address failed: Input/output error", file(good, make([]byte, 8)...)},
		{"page record", "Unexpected RAM flags: 8", wire.AppendRAM(nil, 0, wire.RAMPage|wire.RAMContinue)},
		{"zero record", "Unexpected RAM flags: 2", wire.AppendRAM(nil, 0, wire.RAMZero)},
		{"flush", "Unexpected RAM flags: 512", wire.AppendRAM(nil, 0, wire.RAMMultiFDFlush)},
	} {
		t.Run(c.name, func(t *testing.T) {
			dst := &blocks{max: 1 << 30}
			defer dst.close()
			err := loadMapped(bytes.NewReader(c.body), dst, Options{}, 1)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	dst := &blocks{max: 1 << 30}
	defer dst.close()
	if err := loadMapped(io.MultiReader(bytes.NewReader(all)), dst, Options{}, 1); err == nil ||
		!strings.Contains(err.Error(), "Requested channel is not seekable") {
		t.Errorf("from a pipe: %v", err)
	}
}

// Whichever core meets the end of the file first, the first page that is not
// there is named.
func TestMappedNamesTheFirstPage(t *testing.T) {
	src := source(t, 16*piecePages)
	for p := range src[0].Pages() {
		scribble(src[0], p, byte(p))
	}
	f := temporary(t)
	saveMapped(t, f, src, Options{})
	f.Truncate(1<<20 + 3<<20 + 5)
	for range 20 {
		f.Seek(0, io.SeekStart)
		err := loadMapped(f, &named{source(t, 16*piecePages)}, Options{}, 1)
		const want = "(block0) failed to read page 300000 from file offset 400000: Partial read of size 5, expected 1048576: unexpected EOF"
		if err == nil || err.Error() != want {
			t.Fatal(err)
		}
	}
}

// Any file is taken or refused, and memory is bounded by what was announced.
func FuzzMapped(f *testing.F) {
	src := source(f, 20, 70)
	for p := range uint64(20) {
		scribble(src[0], p, byte(p))
	}
	file := temporary(f)
	saveMapped(f, file, src, Options{})
	data, err := os.ReadFile(file.Name())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[:200], uint32(len(data)))
	f.Add(data[:16], uint32(1<<21))
	f.Fuzz(func(t *testing.T, data []byte, size uint32) {
		// What is behind data is zeros, as in a sparse file.
		padded := make([]byte, max(uint32(len(data)), size%(4<<20)))
		copy(padded, data)
		target := &blocks{max: 1 << 22}
		defer target.close()
		if err := loadMapped(bytes.NewReader(padded), target, Options{}, 1); err != nil {
			return
		}
		for _, b := range target.list {
			for p := range b.Pages() {
				if !b.Populated(p) && !bytes.Equal(b.Page(p), zeroPage[:]) {
					t.Fatalf("page %d holds what nobody put there", p)
				}
			}
		}
	})
}
