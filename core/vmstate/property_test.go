package vmstate

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"qmpmigrate/core/stream"
)

// shape is a description without memory; bind makes an instance of it.
type shape struct {
	kind  int
	count int
	parts []shape
	subs  []shape
}

const (
	shapeNumber = iota
	shapeArray
	shapeBuffer
	shapeUnused
	shapeBitmap
	shapeStruct
	shapeStructs
	shapeList
	shapeTree
	shapePointers
	shapeKinds
)

func drawShape(t *rapid.T, depth int) shape {
	s := shape{
		kind:  rapid.IntRange(0, shapeKinds-1).Draw(t, "kind"),
		count: rapid.IntRange(0, 4).Draw(t, "count"),
	}
	if depth == 0 {
		s.kind %= shapeStruct
	}
	if s.kind >= shapeStruct {
		for range rapid.IntRange(0, 3).Draw(t, "parts") {
			s.parts = append(s.parts, drawShape(t, depth-1))
		}
		for range rapid.IntRange(0, 2).Draw(t, "subsections") {
			s.subs = append(s.subs, drawShape(t, depth-1))
		}
	}
	return s
}

// filler gives the bytes that instances are filled with.
type filler func() uint64

// state describes what is inside a shape of structs, under the given name.
// Names tell where a struct is: those that follow each other directly need
// different ones, because subsections are told apart by them.
func (s *shape) state(name string, fill filler) *Description {
	d := &Description{Name: name, Version: 1}
	for i := range s.parts {
		d.Fields = append(d.Fields, s.parts[i].bind(fmt.Sprintf("f%d", i/2), fmt.Sprintf("%s.%d", name, i), fill))
	}
	for i := range s.subs {
		sub := fmt.Sprintf("%s/s%d", name, i)
		d.Subsections = append(d.Subsections, &Description{
			Name: sub, Version: uint32(i), Fields: []Field{s.subs[i].bind("in", fmt.Sprintf("%s+%d", name, i), fill)},
		})
	}
	return d
}

// box holds an element whose state lives in its description.
type box struct {
	index int
	d     *Description
}

func boxes(n int) []box {
	b := make([]box, n)
	for i := range b {
		b[i].index = i
	}
	return b
}

func (s *shape) bind(name, path string, fill filler) Field {
	// An element gets its memory when it is described first.
	describe := func(b *box) *Description {
		if b.d == nil {
			b.d = s.state(fmt.Sprintf("%s.%d", path, b.index), fill)
		}
		return b.d
	}
	switch s.kind {
	case shapeNumber:
		return Uint32(name, new(uint32(fill())))
	case shapeArray:
		a := make([]int16, s.count)
		for i := range a {
			a[i] = int16(fill())
		}
		return Array(name, a)
	case shapeBuffer:
		return Buffer(name, bytes.Repeat([]byte{byte(fill())}, s.count))
	case shapeUnused:
		return Unused(s.count)
	case shapeBitmap:
		return Bitmap(name, []uint64{fill()}[:s.count%2])
	case shapeStruct:
		return Struct(name, s.state(path+".0", fill))
	case shapeStructs:
		return StructArray(name, boxes(s.count), describe)
	case shapeList:
		l := new([]*box)
		for range s.count {
			*l = append(*l, new(box))
		}
		return QTailq(name, l, 8, describe)
	case shapeTree:
		m := &map[uint64]*box{}
		for i := range s.count {
			(*m)[uint64(i)] = new(box)
		}
		return GTree(name, m, 8, describe)
	}
	p := make([]*box, s.count)
	for i := range p {
		if i%2 == 1 {
			p[i] = &box{index: i}
		}
	}
	return Pointers(name, p, describe)
}

// Whatever fields are put together: what one instance writes another one loads
// and writes again, and the description takes it apart without a byte left.
func TestAnyDescription(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root := drawShape(t, 3)
		root.kind = shapeStruct
		seed := rapid.Uint64().Draw(t, "seed")
		from := root.state("dev", func() uint64 { seed = seed*6364136223846793005 + 1; return seed >> 20 })
		to := root.state("dev", func() uint64 { return 0 })

		body, text := saveRapid(t, from)
		r := stream.NewReader(bytes.NewReader(append(body, 0x7e)))
		if err := to.Load(r, 1); err != nil {
			t.Fatal(err)
		}
		if r.Offset() != int64(len(body)) {
			t.Fatalf("%d bytes of %d are loaded", r.Offset(), len(body))
		}
		again, _ := saveRapid(t, to)
		if !bytes.Equal(body, again) {
			t.Fatalf("loaded and saved\n % x, was\n % x", again, body)
		}
		desc, err := ParseDescription(text)
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if _, err := Dissect(&desc.Devices[0], body); err != nil {
			t.Fatalf("%v: % x by %s", err, body, text)
		}
	})
}

func saveRapid(t *rapid.T, d *Description) (body, text []byte) {
	var out bytes.Buffer
	w, desc := stream.NewWriter(&out), NewDescWriter()
	desc.OpenDevices(4096)
	desc.OpenDevice("dev", 0)
	if err := d.Save(w, desc); err != nil {
		t.Fatal(err)
	}
	desc.CloseDevice()
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), desc.Close()
}
