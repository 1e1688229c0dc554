package dirtybitmap

import (
	"bytes"
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// body makes a body by hand.
type body []byte

func (b body) start(node, bitmap string, granularity uint32, state wire.DirtyState) body {
	return wire.AppendDirtyStart(wire.AppendDirty(b, wire.DirtyStart|wire.DirtyNode|wire.DirtyBitmap, node, bitmap), granularity, state)
}

func (b body) chunk(kind wire.DirtyFlags, node, bitmap string) body {
	return wire.AppendDirty(b, kind, node, bitmap)
}

func (b body) span(sector uint64, sectors uint32) body {
	return wire.AppendDirtyRange(b, sector, sectors)
}
func (b body) words(words ...uint64) body { return wire.AppendDirtyBits(b, words) }
func (b body) raw(p ...byte) body         { return append(b, p...) }
func (b body) eos() body                  { return append(b, byte(wire.DirtyEOS)) }

// Whatever is wrong with a bitmap is told, and no bitmap comes; the section ends all the same.
func TestABadBitmapDropsTheRest(t *testing.T) {
	const bits, complete = wire.DirtyBits, wire.DirtyComplete
	for want, chunks := range map[string]body{
		"Cannot find device='x' nor node-name='x'":                 body{}.start("x", "b", 512, 1),
		"Error: block device name is not set":                      body{}.chunk(complete|wire.DirtyNode, "n", ""),
		"Error: unknown dirty bitmap 'b' for block device 'n'":     body{}.chunk(complete|wire.DirtyNode|wire.DirtyBitmap, "n", "b"),
		"Error: unknown dirty bitmap 'local' for block device 'n'": body{}.chunk(bits|wire.DirtyNode|wire.DirtyBitmap, "n", "local").span(0, 1).words(1),
		"Error: unknown dirty bitmap 'other' for block device 'n'": body{}.start("n", "b", 512, 1).chunk(bits|wire.DirtyBitmap|wire.DirtyZeroes, "", "other").span(0, 1),
		"Migrated bitmap 'b' is about sectors beyond the end of the destination's disk": body{}.start("n", "b", 512, 1).
			chunk(bits|wire.DirtyZeroes, "", "").span(1<<63, 1<<31),
		"Migrated bitmap granularity doesn't match the destination bitmap 'b' granularity": body{}.start("n", "b", 512, 1).
			chunk(bits, "", "").span(0, 2048).words(1),
	} {
		g, n := disk("n", 1<<20)
		add(n, "local", 512, true)
		var said []string
		l := NewLoader(g, nil, func(text string) { said = append(said, text) })
		good := body{}.start("n", "good", 512, 1).chunk(complete, "", "").eos()
		load(t, l, good)
		load(t, l, append(bytes.Clone(chunks), body{}.start("n", "late", 512, 1).chunk(bits, "", "").span(0, 1).words(1).eos()...))
		if len(said) != 1 || said[0] != want {
			t.Errorf("%q, want %q", said, want)
		}
		l.Begin()
		if len(n.Bitmaps()) != 1 {
			t.Errorf("%s: bitmaps are left: %d", want, len(n.Bitmaps()))
		}
	}
}

// One whose granularity or place does not fit is dropped, too.
func TestBitsThatDoNotFit(t *testing.T) {
	for name, chunks := range map[string]body{
		"in the middle of a word": body{}.span(1, 64).words(1),
		"too many bytes":          body{}.span(0, 64).words(1, 2, 3, 4, 5),
		"too few bytes":           body{}.span(0, 2048).raw(0, 0, 0, 0, 0, 0, 0, 8).raw(make([]byte, 8)...),
		"beyond the end":          body{}.span(1984, 65).words(1, 2),
	} {
		g, n := disk("n", 1<<20)
		said := 0
		l := NewLoader(g, nil, func(string) { said++ })
		load(t, l, append(body{}.start("n", "b", 512, 1).chunk(wire.DirtyBits, "", ""), chunks.eos()...))
		if said != 1 || len(n.Bitmaps()) != 0 {
			t.Errorf("%s: %d reports, %d bitmaps", name, said, len(n.Bitmaps()))
		}
	}
}

// These end the migration, as in QEMU.
func TestWhatEndsTheMigration(t *testing.T) {
	for want, chunks := range map[string]body{
		"Bitmap with the same name ('local') already exists on destination": body{}.start("n", "local", 512, 1),
		"Bitmap with the same name ('b') already exists on destination":     body{}.start("n", "b", 512, 1).start("n", "b", 512, 1),
		"Granularity must be power of 2 and at least 512":                   body{}.start("n", "b", 0, 1),
		"Unknown flags in migrated dirty bitmap header: 9":                  body{}.start("n", "b", 512, 9),
		"Bitmap name cannot be empty":                                       body{}.start("n", "", 512, 1),
		"Unknown flags of a dirty bitmap: 0x80":                             body{}.raw(0x80),
		"Bitmap migration stream buffer allocation request is too large": body{}.start("n", "b", 512, 1).
			chunk(wire.DirtyBits, "", "").span(0, 64).raw(0x80, 0, 0, 0, 0, 0, 0, 0),
		"Input/output error: unexpected EOF": body{}.start("n", "b", 512, 1),
	} {
		g, n := disk("n", 1<<20)
		add(n, "local", 512, true)
		l := NewLoader(g, nil, noReport(t))
		err := l.Load(stream.NewReader(bytes.NewReader(chunks)), wire.DirtyVersion)
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		if l.Cancel(); len(n.Bitmaps()) != 1 {
			t.Errorf("%s: bitmaps are left", want)
		}
	}
	g, _ := disk("n", 512)
	if err := NewLoader(g, nil, noReport(t)).Load(stream.NewReader(bytes.NewReader(nil)), 0); err == nil {
		t.Error("version 0")
	}
}

// A few bytes must not take all memory.
func TestMemoryIsBounded(t *testing.T) {
	g := &block.Graph{}
	if err := g.AddNode(block.NewNode("n", "raw", "", endless{}, false)); err != nil {
		t.Fatal(err)
	}
	l := NewLoader(g, nil, noReport(t))
	err := l.Load(stream.NewReader(bytes.NewReader(body{}.start("n", "b", 512, 1).eos())), wire.DirtyVersion)
	if err == nil {
		t.Error("a bitmap of a disk of an exabyte was made")
	}
	small, _ := disk("n", 512)
	var many body
	for i := range maxBitmaps + 1 {
		many = many.start("n", string([]byte{byte(i), byte(i >> 8), 'x'}), 512, 0)
	}
	if err := NewLoader(small, nil, noReport(t)).Load(stream.NewReader(bytes.NewReader(many)), wire.DirtyVersion); err == nil {
		t.Error("any number of bitmaps was made")
	}
}

// endless is an image of which nothing but its size is asked.
type endless struct{ block.Image }

func (endless) Size() int64 { return 1 << 60 }

// After the VM runs, what is whole stays whatever happens.
func TestCancelKeepsWhatIsWhole(t *testing.T) {
	g, n := disk("n", 1<<20)
	l := NewLoader(g, nil, noReport(t))
	load(t, l, body{}.start("n", "a", 512, 1).start("n", "b", 512, 1).eos())
	l.Begin()
	load(t, l, body{}.chunk(wire.DirtyComplete|wire.DirtyBitmap, "", "a").eos())
	l.Cancel()
	if all := n.Bitmaps(); len(all) != 1 || all[0].Name() != "a" || !all[0].State().Enabled || all[0].State().Busy {
		t.Errorf("%v", all)
	}
	// The rest is read and forgotten.
	load(t, l, body{}.chunk(wire.DirtyBits|wire.DirtyBitmap, "", "a").span(0, 64).words(1).eos())
	if n.Bitmaps()[0].Count() != 0 {
		t.Error("bits came all the same")
	}
}

// A bitmap that is whole is its user's once the VM runs, whatever the stream says of it.
func TestWhatIsWholeIsOthers(t *testing.T) {
	for name, early := range map[string]bool{"whole before the VM runs": true, "whole while it runs": false} {
		g, n := disk("n", 1<<20)
		said := 0
		l := NewLoader(g, nil, func(string) { said++ })
		load(t, l, body{}.start("n", "a", 512, 1).eos())
		complete := body{}.chunk(wire.DirtyComplete, "", "").eos()
		if early {
			load(t, l, complete)
		}
		l.Begin()
		if !early {
			load(t, l, complete)
		}
		a := n.Bitmap("a")
		a.SetState(func(is *block.State) { is.Busy = true }) // a job has it
		load(t, l, complete)
		load(t, l, body{}.chunk(wire.DirtyBits, "", "").span(0, 64).words(1).eos())
		if !a.State().Busy || a.Count() != 0 || said != 1 {
			t.Errorf("%s: %+v, %d bits, %d reports", name, a.State(), a.Count(), said)
		}
	}
}

// FuzzLoad: whatever comes, before and after the VM runs: what was here stays as it was, nothing is left half, and who gives
// up before the VM runs has nothing left.
func FuzzLoad(f *testing.F) {
	for _, begins := range []uint8{0, 1, 9} {
		f.Add([]byte(body{}.start("n", "b", 512, 1).chunk(wire.DirtyBits, "", "").span(0, 64).words(1).chunk(wire.DirtyComplete, "", "").eos()), begins, false)
		f.Add([]byte(body{}.start("n", "b", 64<<10, 3).start("n", "c", 4096, 0).chunk(wire.DirtyBits|wire.DirtyZeroes, "", "").span(0, 2048).eos()), begins, false)
		f.Add([]byte(body{}.start("x", "b", 1<<31, 1).chunk(wire.DirtyComplete|wire.DirtyNode, "n", "").eos()), begins, false)
		f.Add([]byte(body{}.chunk(wire.DirtyBits|wire.DirtyNode|wire.DirtyBitmap, "n", "b").span(1<<55, 1<<31).words(1, 2, 3).eos()), begins, false)
		f.Add([]byte(body{}.start("x", "y", 512, 1).eos().chunk(wire.DirtyBits|wire.DirtyBitmap, "", "y").span(6144, 1).words(1).
			chunk(wire.DirtyComplete, "", "").eos().chunk(wire.DirtyComplete, "", "").eos()), begins, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, begins uint8, mapped bool) {
		g, n := disk("n", 3<<20+512)
		local := add(n, "local", 512, false)
		var mapping Mapping
		if mapped {
			mapping = Mapping{{Name: "n", Alias: "x", Bitmaps: []MappedBitmap{{Name: "b", Alias: "y"}, {Name: "local", Alias: "z"}}}}
		}
		l := NewLoader(g, mapping, func(text string) {
			if text == "" {
				t.Error("nothing is reported")
			}
		})
		r := stream.NewReader(bytes.NewReader(data))
		running := false
		for i := range uint8(4) {
			if running = running || i == begins; running {
				l.Begin()
			}
			if l.Load(r, wire.DirtyVersion) != nil {
				break
			}
		}
		if local.Count() != 0 || local.State() != (block.State{}) {
			t.Error("a bitmap that was here before has changed")
		}
		l.Cancel()
		all := n.Bitmaps()
		if !running && len(all) != 1 {
			t.Errorf("%d bitmaps are left", len(all)-1)
		}
		for _, b := range all {
			if b.State().Busy {
				t.Errorf("%q is busy for ever", b.Name())
			}
			if mapped && b != local && b.Name() != "b" {
				t.Errorf("%q was not mapped", b.Name())
			}
			if b.Count() > b.Pieces() {
				t.Errorf("%d bits are set of %d", b.Count(), b.Pieces())
			}
		}
	})
}
