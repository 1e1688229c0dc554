package ram

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// blocks is a target that makes any block, up to a size.
type blocks struct {
	list []*memory.Block
	max  uint64
}

func (t *blocks) Block(name string, used uint64) (*memory.Block, error) {
	if used > t.max {
		return nil, fmt.Errorf("Size too large: %s", name)
	}
	b, err := memory.New(name, used)
	if err == nil {
		t.list = append(t.list, b)
	}
	return b, err
}

func (t *blocks) close() {
	for _, b := range t.list {
		b.Close()
	}
}

func source(t testing.TB, pages ...uint64) []*memory.Block {
	t.Helper()
	var out []*memory.Block
	for i, n := range pages {
		b, err := memory.New(fmt.Sprintf("block%d", i), n*memory.PageSize)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Close() })
		out = append(out, b)
	}
	return out
}

func scribble(b *memory.Block, page uint64, seed byte) {
	p := b.Page(page)
	for i := range p {
		p[i] = byte(i)*3 + seed
	}
	b.MarkWritten(page)
}

func load(t testing.TB, data io.Reader, bodies int) (*blocks, error) {
	t.Helper()
	target := &blocks{max: 1 << 30}
	l := NewLoader(target, &Stats{}, Options{})
	defer l.Close()
	r := stream.NewReader(data)
	for range bodies {
		if err := l.Load(r, wire.RAMVersion); err != nil {
			return target, err
		}
	}
	return target, nil
}

// vecSource is a channel that brings what it likes with each call.
type vecSource struct {
	data  []byte
	grain func() int
}

func (v *vecSource) Read(p []byte) (int, error) { return v.ReadVec([][]byte{p}) }

func (v *vecSource) ReadVec(iov [][]byte) (n int, err error) {
	if len(v.data) == 0 {
		return 0, io.EOF
	}
	left := min(v.grain(), len(v.data))
	for _, p := range iov {
		m := copy(p, v.data[:left])
		v.data, left, n = v.data[m:], left-m, n+m
	}
	return n, nil
}

// cutSource is a channel whose reads end at the cuts, at the latest.
type cutSource struct {
	data []byte
	at   int
	cuts []int
}

func (c *cutSource) Read(p []byte) (int, error) { return c.ReadVec([][]byte{p}) }

func (c *cutSource) ReadVec(iov [][]byte) (n int, err error) {
	end := len(c.data)
	for _, cut := range c.cuts {
		if cut > c.at {
			end = min(end, cut)
		}
	}
	if c.at == end {
		return 0, io.EOF
	}
	for _, p := range iov {
		m := copy(p, c.data[c.at:end])
		c.at, n = c.at+m, n+m
	}
	return n, nil
}

// grains are sizes of reads: exact, odd, and larger than any buffer.
func grains(seed uint64) func() int {
	rng := rand.New(rand.NewPCG(seed, 1))
	sizes := []int{1, 8, 13, 4104, 5000, 65536, 1 << 20, 1 << 20, 1 << 20}
	return func() int { return sizes[rng.IntN(len(sizes))] }
}

// Whatever the guest writes between the passes, both memories are equal at the end.
func TestPassesConverge(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		src := source(t, rapid.SampledFrom([]uint64{1, 64, 700, 2100}).Draw(rt, "pages"), 3)
		write := func() {
			b := src[rapid.IntRange(0, 1).Draw(rt, "block")]
			first := rapid.Uint64Range(0, b.Pages()-1).Draw(rt, "first")
			count := rapid.Uint64Range(1, b.Pages()-first).Draw(rt, "count")
			zero := rapid.Bool().Draw(rt, "zero")
			for p := first; p < first+count; p++ {
				if zero {
					clear(b.Page(p))
					b.MarkWritten(p)
				} else {
					scribble(b, p, byte(p))
				}
			}
		}
		write()
		var out bytes.Buffer
		w := stream.NewWriter(&out)
		s := NewSaver(src, &Stats{}, Options{})
		s.Start(w, time.Now())
		passes := rapid.IntRange(0, 4).Draw(rt, "passes")
		for range passes {
			stop := rapid.IntRange(0, 12).Draw(rt, "stop")
			s.Iterate(w, func() int64 { stop--; return int64(stop) * 5000 })
			w.Flush()
			write()
			s.Sync(time.Now())
		}
		s.Complete(w)
		if err := w.Flush(); err != nil {
			rt.Fatal(err)
		}
		s.Close()
		var in io.Reader = bytes.NewReader(out.Bytes())
		if rapid.Bool().Draw(rt, "vectors") {
			in = &vecSource{out.Bytes(), grains(rapid.Uint64().Draw(rt, "grain"))}
		}
		dst, err := load(t, in, passes+2)
		defer dst.close()
		if err != nil {
			rt.Fatal(err)
		}
		for i, b := range src {
			if !bytes.Equal(b.Bytes(), dst.list[i].Bytes()) {
				rt.Fatalf("%s differs", b.Name())
			}
		}
		if s.Pending() != 0 {
			rt.Fatalf("%d bytes pending", s.Pending())
		}
	})
}

func TestZeroPagesStayUntouched(t *testing.T) {
	src := source(t, 5000)
	scribble(src[0], 17, 1)
	for p := uint64(1000); p < 3000; p++ {
		scribble(src[0], p, 1)
	}
	src[0].MarkWritten(4000) // written, with zeros
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	var stats Stats
	s := NewSaver(src, &stats, Options{})
	s.Start(w, time.Now())
	s.Complete(w)
	w.Flush()
	dst, err := load(t, &out, 2)
	defer dst.close()
	if err != nil {
		t.Fatal(err)
	}
	b := dst.list[0]
	for p := range b.Pages() {
		if b.Populated(p) != (p == 17 || p >= 1000 && p < 3000) {
			t.Fatalf("page %d populated: %v", p, b.Populated(p))
		}
	}
	if stats.Normal.Load() != 2001 || stats.Zero.Load() != 2999 {
		t.Errorf("%d normal, %d zero", stats.Normal.Load(), stats.Zero.Load())
	}
}

// The end of a long run is where memory was made ready in vain: wherever the
// channel splits the stream around it, no page of the run is given back.
func TestRunEndsAnywhere(t *testing.T) {
	const run, pages = 1500, 4000
	src := source(t, pages)
	for p := range uint64(run) {
		scribble(src[0], p, byte(p))
	}
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	s := NewSaver(src, &Stats{}, Options{})
	s.Start(w, time.Now())
	s.Complete(w)
	w.Flush()
	end := out.Len() - 8 - (pages-run)*9 // behind the run's last page
	for cut := end - wire.RAMPageSize - 20; cut < end+20; cut++ {
		if cut > end-memory.PageSize+20 && cut < end-20 {
			continue
		}
		dst, err := load(t, &cutSource{data: out.Bytes(), cuts: []int{cut, cut + 1}}, 2)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(src[0].Bytes(), dst.list[0].Bytes()) {
			t.Fatalf("cut at %d, %d before the end of the run: memory differs", cut, end-cut)
		}
		dst.close()
	}
}

func TestLoaderRefuses(t *testing.T) {
	list := func(b []byte) []byte {
		b = wire.AppendRAM(b, 0x2000, wire.RAMMemSize)
		return wire.AppendRAMSize(b, "ram0", 0x2000)
	}
	page := make([]byte, memory.PageSize)
	for _, c := range []struct {
		name, want string
		body       []byte
	}{
		{"first record continues", "Ack, bad migration stream!", wire.AppendRAM(list(nil), 0, wire.RAMZero|wire.RAMContinue)},
		{"unknown block", "Can't find block nope", wire.AppendRAMName(list(nil), 0, wire.RAMZero, "nope")},
		{"offset", "Illegal RAM offset 2000", append(wire.AppendRAMName(list(nil), 0x2000, wire.RAMPage, "ram0"), page...)},
		{"fill", "Found a zero page with value 7", append(wire.AppendRAMName(list(nil), 0, wire.RAMZero, "ram0"), 7)},
		{"flags", "Unknown combination of migration flags: 0xa", wire.AppendRAM(list(nil), 0, wire.RAMZero|wire.RAMPage)},
		{"list again", "twice", list(list(nil))},
		{"zero length", "bad length 0x0", wire.AppendRAMSize(wire.AppendRAM(nil, 0x1000, wire.RAMMemSize), "x", 0)},
		{"above total", "bad length 0x2000", wire.AppendRAMSize(wire.AppendRAM(nil, 0x1000, wire.RAMMemSize), "x", 0x2000)},
		{"not whole pages", "bad length 0x801", wire.AppendRAMSize(wire.AppendRAM(nil, 0x1000, wire.RAMMemSize), "x", 0x801)},
		{"2^63 bytes", "more than this server takes", wire.AppendRAM(nil, 1<<63, wire.RAMMemSize)},
		{"cut", "Input/output error", list(nil)[:12]},
		{"cut before EOS", "Getting RAM address failed", list(nil)},
		{"cut page", "Input/output error", append(wire.AppendRAMName(list(nil), 0, wire.RAMPage, "ram0"), page[:100]...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			dst, err := load(t, bytes.NewReader(c.body), 1)
			defer dst.close()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if err := NewLoader(nil, &Stats{}, Options{}).Load(nil, 3); err == nil {
		t.Error("version 3 was taken")
	}
}

// Loading never touches more than was announced, whatever comes.
func FuzzLoad(f *testing.F) {
	src := source(f, 120)
	for p := range uint64(100) {
		if p%29 != 28 {
			scribble(src[0], p, byte(p))
		}
	}
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	s := NewSaver(src, &Stats{}, Options{})
	s.Start(w, time.Now())
	s.Complete(w)
	w.Flush()
	f.Add(out.Bytes())
	f.Add(wire.AppendRAM(nil, 1<<40, wire.RAMMemSize))
	page := bytes.Repeat([]byte{7, 0, 0}, 2000)[:memory.PageSize]
	f.Add(eos(appendCompressed(appendCompressed(eos(listed(4)), 2, deflated(f, 1, page)), 1, deflated(f, 9, page))))
	f.Add(eos(appendCompressed(appendCompressed(eos(listed(4)), 2, deflated(f, 1, page[:100])), 2, deflated(f, 9, append(page, 1)))))
	f.Fuzz(func(t *testing.T, data []byte) {
		plain, errPlain := loadAll(bytes.NewReader(data))
		defer plain.close()
		direct, errDirect := loadAll(&vecSource{data, grains(uint64(len(data)))})
		defer direct.close()
		// Both ways of reading see the same.
		if errPlain.Error() != errDirect.Error() {
			t.Fatalf("%v, but with vectors %v", errPlain, errDirect)
		}
		for i, b := range plain.list {
			for p := range b.Pages() {
				if !bytes.Equal(b.Page(p), direct.list[i].Page(p)) {
					t.Fatalf("page %d differs", p)
				}
			}
		}
	})
}

func loadAll(src io.Reader) (*blocks, error) {
	target := &blocks{max: 1 << 24}
	l := NewLoader(target, &Stats{}, Options{})
	defer l.Close()
	r := stream.NewReader(src)
	for {
		if err := l.Load(r, wire.RAMVersion); err != nil {
			return target, err
		}
	}
}

func BenchmarkSaver(b *testing.B) {
	src := source(b, 64<<20/memory.PageSize)
	rng := rand.NewChaCha8([32]byte{1})
	rng.Read(src[0].Bytes())
	src[0].Populate(0, src[0].Pages())
	w := stream.NewWriter(discard{})
	b.SetBytes(64 << 20)
	b.ReportAllocs()
	s := NewSaver(src, &Stats{}, Options{})
	for range b.N {
		s.blocks[0].todo.SetAll()
		s.Complete(w)
	}
}

func BenchmarkLoader(b *testing.B) { bench(b, func(*Loader) {}) }

// bench measures how a loader that was prepared takes 64 MiB in.
func bench(b *testing.B, prepare func(*Loader)) {
	src := source(b, 64<<20/memory.PageSize)
	rng := rand.NewChaCha8([32]byte{1})
	rng.Read(src[0].Bytes())
	src[0].Populate(0, src[0].Pages())
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	s := NewSaver(src, &Stats{}, Options{})
	s.Start(w, time.Now())
	s.Complete(w)
	w.Flush()
	dst := source(b, 64<<20/memory.PageSize)
	l := NewLoader(&fixed{dst}, &Stats{}, Options{})
	defer l.Close()
	prepare(l)
	body := bytes.NewReader(nil)
	r := stream.NewReader(&endless{body, out.Bytes()})
	b.SetBytes(64 << 20)
	b.ReportAllocs()
	for range b.N {
		delete(l.blocks, dst[0].Name())
		for range 2 {
			if err := l.Load(r, wire.RAMVersion); err != nil {
				b.Fatal(err)
			}
		}
	}
}

type fixed struct{ list []*memory.Block }

func (f *fixed) Block(string, uint64) (*memory.Block, error) { return f.list[0], nil }

type endless struct {
	*bytes.Reader
	data []byte
}

func (e *endless) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		e.Reader.Reset(e.data)
		return e.Reader.Read(p)
	}
	return n, err
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func (discard) WriteVec(iov [][]byte) (n int64, err error) {
	for _, p := range iov {
		n += int64(len(p))
	}
	return n, nil
}

// A body without pages has syncs and an end, and no page.
func TestBodyWithoutPages(t *testing.T) {
	l := NewLoader(&blocks{}, &Stats{}, Options{})
	defer l.Close()
	for want, flags := range map[string][]wire.RAMFlags{
		"": {wire.RAMMultiFDFlush, wire.RAMMultiFDFlush, wire.RAMEOS},
		"RAM behind a VM that it does not follow": {wire.RAMMultiFDFlush, wire.RAMPage},
		"Input/output error: unexpected EOF":      {wire.RAMMultiFDFlush},
	} {
		var body []byte
		for _, f := range flags {
			body = binary.BigEndian.AppendUint64(body, uint64(f))
		}
		got := ""
		if err := l.LoadNone(stream.NewReader(bytes.NewReader(body))); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%v: %q, want %q", flags, got, want)
		}
	}
}
