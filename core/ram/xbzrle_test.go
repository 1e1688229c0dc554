package ram

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// outward is a source with xbzrle, a guest that writes, and the destination.
type outward struct {
	t     testing.TB
	src   []*memory.Block
	stats Stats
	saver *Saver
	way   *xbzrleWay
	out   bytes.Buffer
	w     *stream.Writer
	now   time.Time
	cache uint64

	target *blocks
	loader *Loader
	loaded Stats
	held   int // bodies that were written and wait for a flush
}

func goOut(t testing.TB, cache uint64, pages ...uint64) *outward {
	o := &outward{t: t, src: source(t, pages...), now: time.Unix(1, 0), cache: cache, target: &blocks{max: 1 << 30}}
	o.saver = NewSaver(o.src, &o.stats, Options{XBZRLE: func() uint64 { return o.cache }})
	o.way = o.saver.way.(*xbzrleWay)
	o.w = stream.NewWriter(&o.out)
	o.loader = NewLoader(o.target, &o.loaded, Options{})
	o.body(o.saver.Start(o.w, o.now))
	return o
}

func (o *outward) close() {
	o.saver.Close()
	o.loader.Close()
	o.target.close()
}

// body loads what was just written.
func (o *outward) body(err error) {
	o.t.Helper()
	if err == nil {
		err = o.w.Flush()
	}
	r := stream.NewReader(&o.out)
	for ; err == nil && o.held >= 0; o.held-- {
		err = o.loader.Load(r, wire.RAMVersion)
	}
	o.held = 0
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *outward) sync() { o.now = o.now.Add(time.Second); o.saver.Sync(o.now) }
func (o *outward) iterate() {
	o.t.Helper()
	o.body(o.saver.Iterate(o.w, func() int64 { return math.MaxInt64 }))
}
func (o *outward) complete() { o.t.Helper(); o.sync(); o.body(o.saver.Complete(o.w)) }

// same checks the destination's memory, and that it has what the cache says it has.
func (o *outward) same() {
	o.t.Helper()
	for i, b := range o.src {
		if !bytes.Equal(b.Bytes(), o.target.list[i].Bytes()) {
			o.t.Errorf("%s differs", b.Name())
		}
	}
}

func (o *outward) cacheHolds() {
	o.t.Helper()
	if !o.way.started {
		return
	}
	for i, b := range o.saver.blocks {
		for p := range b.Pages() {
			// A pass long ago does not make the page any younger.
			kept := o.way.cache.Lookup(o.way.base[b]+p, o.way.syncs)
			if kept != nil && !bytes.Equal(kept, o.target.list[i].Page(p)) {
				o.t.Fatalf("page %d of %s is kept as it never went", p, b.Name())
			}
		}
	}
}

// Whatever the guest writes between the passes, and whatever becomes of the
// cache, the memories are equal at the end, and what is kept is what went.
func TestXBZRLEConverges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := goOut(t, memory.PageSize<<rapid.IntRange(0, 8).Draw(rt, "cache"), rapid.SampledFrom([]uint64{1, 64, 150}).Draw(rt, "pages"), 3)
		defer o.close()
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		write := func() {
			b := o.src[rng.IntN(2)]
			page := rng.Uint64N(b.Pages())
			p := b.Page(page)
			switch rng.IntN(4) {
			case 0:
				clear(p)
			case 1:
				for i := range p {
					p[i] = byte(rng.Uint32())
				}
			case 2: // written, and as before
			default:
				at := rng.IntN(len(p))
				p[at]++
			}
			b.MarkWritten(page)
		}
		for range rapid.IntRange(0, 8).Draw(rt, "passes") {
			for range rng.IntN(200) {
				write()
			}
			if rng.IntN(4) > 0 {
				o.sync()
			}
			if rng.IntN(8) == 0 {
				o.cache = memory.PageSize << rng.IntN(10)
			}
			room := rng.IntN(100)
			err := o.saver.Iterate(o.w, func() int64 { room--; return int64(room) * memory.PageSize })
			if err == nil && rng.IntN(2) == 0 {
				o.held++ // the way must flush itself where it has to
				continue
			}
			o.body(err)
			if rng.IntN(2) == 0 {
				o.cacheHolds()
			}
		}
		for range rng.IntN(50) {
			write()
		}
		o.complete()
		o.same()
	})
}

// Each kind of page once, with what is counted.
func TestXBZRLECounts(t *testing.T) {
	o := goOut(t, 1<<20, 8, 1)
	defer o.close()
	b, other := o.src[0], o.src[1]
	o.iterate() // 9 pages of zeros, which are not kept yet
	x := &o.stats.XBZRLE
	check := func(what string, normal, zero, pages, misses, overflows, bytes uint64) {
		t.Helper()
		got := [6]uint64{o.stats.Normal.Load(), o.stats.Zero.Load(), x.Pages.Load(), x.Misses.Load(), x.Overflows.Load(), x.Bytes.Load()}
		if want := [6]uint64{normal, zero, pages, misses, overflows, bytes}; got != want {
			t.Errorf("%s: counted %v, want %v", what, got, want)
		}
		o.same()
	}
	check("first", 0, 9, 0, 0, 0, 0)
	for p := range uint64(3) {
		scribble(b, p, byte(p)+20)
	}
	scribble(other, 0, 1)
	o.sync()
	o.iterate()
	check("not kept", 4, 9, 0, 4, 0, 0)
	if x.MissRate() != 0 || x.EncodingRate() != 0 {
		t.Error("there is a rate before the second look")
	}

	b.Page(0)[100]++
	b.Page(1)[4095] ^= 0x55
	for p := range uint64(3) {
		b.MarkWritten(p) // 2 is as before
	}
	o.sync()
	if x.MissRate() != 1 {
		t.Errorf("of 4 pages 4 were missed: %v", x.MissRate())
	}
	o.iterate()
	// 3 bytes and the code (100, 1, data; 4095, 1, data), and the name of the block once.
	const two = 3 + 3 + 7 + 3 + 4
	check("differences", 4, 9, 3, 4, 0, two)

	fill(b, 0, rand.New(rand.NewPCG(1, 1)))
	clear(b.Page(1))
	b.MarkWritten(1)
	o.sync()
	if rate := x.EncodingRate(); rate != 3*4096.0/two {
		t.Errorf("3 pages in %d bytes: %v", two, rate)
	}
	o.iterate()
	check("overflow and zeros", 5, 10, 4, 4, 1, two+4096)
	b.Page(1)[7] = 1 // out of zeros that are kept
	b.MarkWritten(1)
	o.sync()
	if rate := x.EncodingRate(); rate != 1 {
		t.Errorf("a page that went in full: %v", rate)
	}
	o.iterate()
	check("out of zeros", 5, 10, 5, 4, 1, two+4096+3+3)

	// With the guest stopped the cache stays as it is.
	before := bytes.Clone(o.way.cache.Lookup(0, o.way.syncs))
	b.Page(0)[0]++
	b.MarkWritten(0)
	scribble(b, 5, 99)
	o.complete()
	check("last", 6, 10, 6, 5, 1, two+4096+3+3+3+3)
	if !bytes.Equal(before, o.way.cache.Lookup(0, o.way.syncs)) || o.way.cache.Lookup(5, o.way.syncs) != nil {
		t.Error("the cache was changed in the last body")
	}
}

func fill(b *memory.Block, page uint64, rng *rand.Rand) {
	p := b.Page(page)
	for i := range p {
		p[i] = byte(rng.Uint32())
	}
	b.MarkWritten(page)
}
