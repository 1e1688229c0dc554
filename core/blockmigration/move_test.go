package blockmigration

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/blocktest"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// drive adds a disk to g.
func drive(t testing.TB, g *block.Graph, name string, size int64) *blocktest.Memory {
	t.Helper()
	m := blocktest.NewMemory(size)
	n := m.Node("node-" + name)
	if err := g.AddNode(n); err != nil {
		t.Fatal(err)
	}
	g.AddBackend(block.Backend{Name: name, Node: n})
	return m
}

func write(t testing.TB, g *block.Graph, name string, off int64, p ...byte) {
	t.Helper()
	if _, err := g.Find(name).WriteAt(p, off); err != nil {
		t.Fatal(err)
	}
}

// passes lets a part of the section go from a source to a destination.
func passes(t testing.TB, l *Loader, part func(w *stream.Writer) error) []byte {
	t.Helper()
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	if err := part(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := l.Load(stream.NewReader(bytes.NewReader(out.Bytes())), wire.BlockVersion); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func start(s *Saver) func(*stream.Writer) error {
	return func(w *stream.Writer) error { return s.Start(w, time.Time{}) }
}

func always() int64 { return 1 }

// Disks that are written all the time arrive whole, whatever their sizes.
func TestDisksArrive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		from, to := &block.Graph{}, &block.Graph{}
		sources, targets := map[string]*blocktest.Memory{}, map[string]*blocktest.Memory{}
		for _, name := range []string{"ide0-hd0", "virtio0"}[:rapid.IntRange(1, 2).Draw(rt, "disks")] {
			size := rapid.Int64Range(1, 3).Draw(rt, "sectors") * rapid.SampledFrom([]int64{512, 100 << 10, 1 << 20}).Draw(rt, "unit")
			sources[name], targets[name] = drive(t, from, name, size), drive(t, to, name, size)
		}
		scribble := func() {
			for name, m := range sources {
				for range rapid.IntRange(0, 3).Draw(rt, "writes") {
					write(t, from, name, rapid.Int64Range(0, m.Size()-1).Draw(rt, "off"), byte(rapid.IntRange(0, 255).Draw(rt, "byte")))
				}
			}
		}
		scribble()
		stats := &Stats{}
		s := NewSaver(from, stats, Options{ZeroBlocks: rapid.Bool().Draw(rt, "zero-blocks"), Incremental: rapid.Bool().Draw(rt, "incremental")})
		l := NewLoader(to)
		passes(t, l, start(s))
		for range rapid.IntRange(0, 3).Draw(rt, "parts") {
			room := rapid.Int64Range(0, 4).Draw(rt, "pieces")
			passes(t, l, func(w *stream.Writer) error {
				return s.Iterate(w, func() int64 { room--; return room + 1 })
			})
			scribble()
		}
		passes(t, l, s.Complete)
		for name, m := range sources {
			if !bytes.Equal(m.Bytes(), targets[name].Bytes()) {
				rt.Fatalf("%s differs", name)
			}
		}
		if stats.Active.Load() || stats.Done.Load() != stats.Total.Load() || s.Pending() != 0 {
			rt.Fatalf("%+v", stats)
		}
		for _, n := range from.Nodes() {
			if len(n.Bitmaps()) != 0 {
				rt.Fatal("the log of writes is still there")
			}
		}
	})
}

// The bytes are those of QEMU 7.2.
func TestRecords(t *testing.T) {
	from, to := &block.Graph{}, &block.Graph{}
	drive(t, from, "d", 2<<20)
	drive(t, to, "d", 2<<20)
	write(t, from, "d", 1<<20, 7)
	s, l := NewSaver(from, &Stats{}, Options{ZeroBlocks: true}), NewLoader(to)
	if got := passes(t, l, start(s)); !bytes.Equal(got, []byte{0, 0, 0, 0, 0, 0, 0, 2}) {
		t.Errorf("start: %x", got)
	}
	if left := s.Pending(); left != 2<<20 || !s.Bulk() {
		t.Errorf("%d bytes are pending", left)
	}
	part := passes(t, l, func(w *stream.Writer) error { return s.Iterate(w, always) })
	want := []byte{0, 0, 0, 0, 0, 0, 0, 9, 1, 'd', 0, 0, 0, 0, 0, 0, 0x64, 4, 0, 0, 0, 0, 0, 0x10, 0, 1, 1, 'd', 7}
	if !bytes.HasPrefix(part, want) || len(part) != len(want)-1+1<<20+8+8 {
		t.Errorf("part: %x, %d bytes", part[:len(want)], len(part))
	}
	write(t, from, "d", 0, 0)
	if left := s.Pending(); left != 1<<20 || s.Bulk() {
		t.Errorf("%d bytes are pending", left)
	}
	end := passes(t, l, s.Complete)
	if want := []byte{0, 0, 0, 0, 0, 0, 0, 9, 1, 'd', 0, 0, 0, 0, 0, 0, 0xc8, 4, 0, 0, 0, 0, 0, 0, 0, 2}; !bytes.Equal(end, want) {
		t.Errorf("end: %x", end)
	}
}

// What only the image beneath has does not go.
func TestIncremental(t *testing.T) {
	from, to := &block.Graph{}, &block.Graph{}
	source, target := drive(t, from, "d", 8<<20), drive(t, to, "d", 8<<20)
	target.Bytes()[6<<20] = 1 // beneath
	write(t, from, "d", 5<<20+200<<10, 9)
	s, l := NewSaver(from, &Stats{}, Options{Incremental: true}), NewLoader(to)
	passes(t, l, start(s))
	part := passes(t, l, func(w *stream.Writer) error { return s.Iterate(w, always) })
	if len(part) > 1<<20+100 || target.Bytes()[6<<20] != 1 || !bytes.Equal(source.Bytes()[:6<<20], target.Bytes()[:6<<20]) {
		t.Errorf("%d bytes", len(part))
	}
}

// Zeros take no room at the destination, and disks that cannot be written stay.
func TestZerosAndReadOnly(t *testing.T) {
	from, to := &block.Graph{}, &block.Graph{}
	drive(t, from, "d", 4<<20)
	target := drive(t, to, "d", 4<<20)
	from.AddBackend(block.Backend{Name: "cd", Node: block.NewNode("cd", "raw", "", blocktest.NewMemory(1<<20), true)})
	from.AddBackend(block.Backend{Name: "empty"})
	write(t, from, "d", 3<<20, 1)
	s, l := NewSaver(from, &Stats{}, Options{}), NewLoader(to)
	passes(t, l, start(s))
	passes(t, l, s.Complete)
	if target.Zeroed != 4<<20-64<<10 {
		t.Errorf("%d bytes were written as zeros", target.Zeroed)
	}
}

// A disk that cannot be read ends the migration, and stays due.
func TestReadError(t *testing.T) {
	g := &block.Graph{}
	m := drive(t, g, "d", 1<<20)
	s := NewSaver(g, &Stats{}, Options{})
	w := stream.NewWriter(&bytes.Buffer{})
	if err := s.Start(w, time.Time{}); err != nil {
		t.Fatal(err)
	}
	m.Fail = errors.New("bad sector")
	if err := s.Iterate(w, always); err == nil || err.Error() != "bad sector" {
		t.Error(err)
	}
	if s.Pending() == 0 {
		t.Error("nothing is pending")
	}
	s.Close()
	if s.Close(); len(g.Node("node-d").Bitmaps()) != 0 {
		t.Error("the log of writes is still there")
	}
}

func TestHostile(t *testing.T) {
	record := func(sector uint64, flags wire.BlockFlags, name string, data int) []byte {
		return append(wire.AppendCounted(wire.AppendBlock(nil, sector, flags), name), make([]byte, data)...)
	}
	for want, body := range map[string][]byte{
		"Error unknown block device x":                        record(0, wire.BlockDevice|wire.BlockZero, "x", 0),
		"Error unknown block device ":                         record(0, wire.BlockDevice|wire.BlockZero, "", 0),
		"block device d ends before sector 2049":              record(2049, wire.BlockDevice|wire.BlockZero, "d", 0),
		"block device d ends before sector 36028797018963967": record(1<<55-1, wire.BlockDevice|wire.BlockZero, "d", 0),
		"Unknown block migration flags: 0x8":                  wire.AppendBlock(nil, 0, wire.BlockZero),
		"Unknown block migration flags: 0x0":                  wire.AppendBlock(nil, 0, 0),
		"Input/output error: unexpected EOF":                  record(0, wire.BlockDevice, "d", wire.BlockPiece-1),
		"Error getting length of block device nothing":        record(0, wire.BlockDevice, "nothing", 0),
	} {
		g := &block.Graph{}
		drive(t, g, "d", 1<<20+512)
		drive(t, g, "nothing", 0)
		err := NewLoader(g).Load(stream.NewReader(bytes.NewReader(body)), wire.BlockVersion)
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := NewLoader(&block.Graph{}).Load(stream.NewReader(strings.NewReader("")), 2); err == nil {
		t.Error("version 2")
	}
}
