package dirtybitmap

import (
	"bytes"
	"encoding/hex"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/blocktest"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// disk is a graph with one node.
func disk(name string, size int64) (*block.Graph, *block.Node) {
	g := &block.Graph{}
	n := blocktest.NewMemory(size).Node(name)
	if err := g.AddNode(n); err != nil {
		panic(err)
	}
	return g, n
}

func add(n *block.Node, name string, granularity int64, enabled bool) *block.Bitmap {
	b := block.NewBitmap(name, granularity, n.Size())
	b.SetState(func(s *block.State) { s.Enabled = enabled })
	n.AddBitmap(b)
	return b
}

// written is what a part of the section writes.
func written(t testing.TB, part func(w *stream.Writer) error) []byte {
	t.Helper()
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	if err := part(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func start(s *Saver) func(*stream.Writer) error {
	return func(w *stream.Writer) error { return s.Start(w, time.Time{}) }
}

// noReport fails on what a loader has to say.
func noReport(t testing.TB) func(string) {
	return func(text string) { t.Error(text) }
}

func load(t testing.TB, l *Loader, body []byte) {
	t.Helper()
	r := stream.NewReader(bytes.NewReader(body))
	if err := l.Load(r, wire.DirtyVersion); err != nil {
		t.Fatal(err)
	}
	if r.Offset() != int64(len(body)) {
		t.Fatalf("%d of %d bytes were taken", r.Offset(), len(body))
	}
}

// kept is the state of a bitmap that has gone, were it still here.
func kept(b *block.Bitmap) block.State {
	is := b.State()
	is.SkipStore = false
	return is
}

// What QEMU 7.2 wrote for the same bitmaps.
func TestStartIsQEMUs(t *testing.T) {
	g, n := disk("n0", 1<<20)
	add(n, "b0", 64<<10, true)
	add(n, "b1", 4<<10, false)
	add(n, "b2", 512, true)
	got := hex.EncodeToString(written(t, start(NewSaver(g, nil))))
	if want := "1c026e30026232000002000114026231000010000014026230000100000101"; got != want {
		t.Errorf("%s\n%s", got, want)
	}
}

// Bitmaps of any granularity arrive whole, in precopy and in postcopy.
func TestBitmapsArrive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.Int64Range(1, 40<<20).Draw(rt, "size")
		follows := rapid.Bool().Draw(rt, "follows")
		from, source := disk("n", size)
		to, target := disk("n", size)
		var all []*block.Bitmap
		for i := range rapid.IntRange(0, 4).Draw(rt, "bitmaps") {
			granularity := int64(512) << rapid.IntRange(0, 22).Draw(rt, "granularity")
			b := add(source, string(rune('a'+i)), granularity, rapid.Bool().Draw(rt, "enabled"))
			for range rapid.IntRange(0, 5).Draw(rt, "writes") {
				off := rapid.Int64Range(0, size-1).Draw(rt, "off")
				b.Set(off, rapid.Int64Range(1, size-off).Draw(rt, "length"))
			}
			all = append(all, b)
		}
		s := NewSaver(from, nil)
		l := NewLoader(to, nil, noReport(t))
		load(t, l, written(t, start(s)))
		if follows {
			s.Follow()
			l.Begin()
			for s.Pending() > 0 {
				room := rapid.Int64Range(1, 5).Draw(rt, "chunks")
				load(t, l, written(t, func(w *stream.Writer) error {
					return s.Iterate(w, func() int64 { room--; return room + 1 })
				}))
			}
		}
		for _, b := range all {
			if !b.State().Busy || !target.Bitmap(b.Name()).State().Busy {
				rt.Fatalf("bitmap %s is not busy", b.Name())
			}
		}
		load(t, l, written(t, s.Complete))
		if !follows {
			l.Begin()
		}
		if l.Unfinished() {
			rt.Fatal("a bitmap is unfinished")
		}
		for _, b := range all {
			got := target.Bitmap(b.Name())
			if got.SHA256() != b.SHA256() || got.Count() != b.Count() || got.State() != kept(b) || got.Granularity() != b.Granularity() {
				rt.Fatalf("%s: %d bits of %d, %+v %+v", b.Name(), got.Count(), b.Count(), got.State(), b.State())
			}
		}
		if len(target.Bitmaps()) != len(all) {
			rt.Fatalf("%d bitmaps", len(target.Bitmaps()))
		}
	})
}

// What the VM writes at its destination counts, whether the bits are here or not.
func TestWritesMeanwhileCount(t *testing.T) {
	from, source := disk("n", 1<<20)
	to, target := disk("n", 1<<20)
	b := add(source, "on", 64<<10, true)
	off := add(source, "off", 64<<10, false)
	b.Set(0, 1)
	off.Set(0, 1)
	s, l := NewSaver(from, nil), NewLoader(to, nil, noReport(t))
	load(t, l, written(t, start(s)))
	s.Follow()
	if _, err := target.WriteAt([]byte{1}, 128<<10); err != nil { // before the VM runs
		t.Fatal(err)
	}
	l.Begin()
	if _, err := target.WriteAt([]byte{1}, 256<<10); err != nil {
		t.Fatal(err)
	}
	load(t, l, written(t, s.Complete))
	if _, err := target.WriteAt([]byte{1}, 512<<10); err != nil {
		t.Fatal(err)
	}
	var words [1]uint64
	target.Bitmap("on").Words(0, words[:])
	if words[0] != 1|1<<4|1<<8 {
		t.Errorf("%b", words)
	}
	target.Bitmap("off").Words(0, words[:])
	if words[0] != 1 {
		t.Errorf("%b", words)
	}
}

// A source whose VM stays has its bitmaps as they were; one whose VM goes does not keep them in images.
func TestPersistence(t *testing.T) {
	for _, stays := range []bool{true, false} {
		g, n := disk("n", 1<<20)
		b := add(n, "b", 512, true)
		b.SetState(func(s *block.State) { s.Persistent = true })
		s := NewSaver(g, nil)
		body := written(t, start(s))
		if state := wire.DirtyState(body[len(body)-2]); state != wire.DirtyEnabled|wire.DirtyPersistent {
			t.Errorf("state %x", state)
		}
		if is := b.State(); !is.SkipStore || !is.Busy {
			t.Errorf("%+v", is)
		}
		if s.Close(); stays {
			s.Restore()
		}
		if is := b.State(); is.SkipStore == stays || is.Busy || !is.Persistent {
			t.Errorf("%+v", is)
		}
	}
}

func TestMapping(t *testing.T) {
	from := &block.Graph{}
	for _, name := range []string{"left", "right", "out"} {
		n := blocktest.NewMemory(1 << 20).Node(name)
		if err := from.AddNode(n); err != nil {
			t.Fatal(err)
		}
		add(n, "one", 512, true).Set(0, 1)
		add(n, "two", 512, true)
	}
	to, target := disk("dst", 1<<20)
	s := NewSaver(from, Mapping{
		{Name: "left", Alias: "L", Bitmaps: []MappedBitmap{{Name: "one", Alias: ""}}},
		{Name: "right", Alias: "R", Bitmaps: []MappedBitmap{{Name: "two", Alias: "zwei", Persistent: new(true)}}},
	})
	l := NewLoader(to, Mapping{
		{Name: "dst", Alias: "L", Bitmaps: []MappedBitmap{{Name: "uno", Alias: ""}}},
		{Name: "dst", Alias: "R", Bitmaps: []MappedBitmap{{Name: "due", Alias: "zwei"}}},
	}, noReport(t))
	load(t, l, written(t, start(s)))
	load(t, l, written(t, s.Complete))
	l.Begin()
	uno, due := target.Bitmap("uno"), target.Bitmap("due")
	if len(target.Bitmaps()) != 2 || uno == nil || due == nil || uno.Count() != 1 || uno.State().Persistent || !due.State().Persistent {
		t.Errorf("%v", target.Bitmaps())
	}
	// An empty mapping lets nothing through.
	if got := written(t, start(NewSaver(from, Mapping{}))); len(got) != 1 {
		t.Errorf("%x", got)
	}
}

func TestRefusedAtTheSource(t *testing.T) {
	long := strings.Repeat("x", 256)
	for want, prepare := range map[string]func(g *block.Graph, n *block.Node){
		"Bitmap 'b' in a node with auto-generated name '#block1' can't be migrated": func(g *block.Graph, _ *block.Node) {
			n := blocktest.NewMemory(512).Node("#block1")
			if err := g.AddNode(n); err != nil {
				t.Fatal(err)
			}
			add(n, "b", 512, true)
		},
		"Bitmap 'b' is currently in use by another operation and cannot be used": func(_ *block.Graph, n *block.Node) {
			add(n, "b", 512, true).SetState(func(s *block.State) { s.Busy = true })
		},
		"Bitmap 'b' is inconsistent and cannot be used": func(_ *block.Graph, n *block.Node) {
			add(n, "b", 512, true).SetState(func(s *block.State) { s.Inconsistent = true })
		},
		"Cannot migrate bitmap '" + long + "' on node 'n': Name is longer than 255 bytes": func(_ *block.Graph, n *block.Node) {
			add(n, long, 512, true)
		},
	} {
		g, n := disk("n", 1<<20)
		first := add(n, "first", 512, true)
		prepare(g, n)
		w := stream.NewWriter(&bytes.Buffer{})
		s := NewSaver(g, nil)
		if err := s.Start(w, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if w.Err() == nil || w.Err().Error() != want {
			t.Errorf("%v\n%s", w.Err(), want)
		}
		s.Close()
		if first.State().Busy {
			t.Errorf("%s: another bitmap is still held", want)
		}
	}
}

// A disk of a drive goes by the drive's name, once.
func TestNamesOfDrives(t *testing.T) {
	g, n := disk("n", 1<<20)
	g.AddBackend(block.Backend{Name: "ide0-hd0", Node: n})
	g.AddBackend(block.Backend{Name: "again", Node: n})
	add(n, "b", 512, true)
	body := written(t, start(NewSaver(g, nil)))
	if !bytes.Contains(body, []byte("\x08ide0-hd0\x01b")) || bytes.Contains(body, []byte("again")) {
		t.Errorf("%q", body)
	}
	to, target := disk("m", 1<<20)
	to.AddBackend(block.Backend{Name: "ide0-hd0", Node: target})
	load(t, NewLoader(to, nil, noReport(t)), body)
	if target.Bitmap("b") == nil {
		t.Error("it has not come")
	}
}

// The sectors of a chunk are counted in 32 bits.
func TestHugeGranularity(t *testing.T) {
	b := outBitmap{Bitmap: block.NewBitmap("b", 1<<31, 1<<50)}
	if n := b.perChunk(); n%64 != 0 || n*(1<<31)/512 > math.MaxUint32 {
		t.Errorf("%d pieces", n)
	}
}
