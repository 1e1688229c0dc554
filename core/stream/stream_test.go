package stream

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// vec is a destination that takes vectors.
type vec struct {
	bytes.Buffer
	calls int
}

func (v *vec) WriteVec(iov [][]byte) (n int64, err error) {
	v.calls++
	for _, p := range iov {
		v.Write(p)
		n += int64(len(p))
	}
	return n, nil
}

// What any sequence of puts wrote is what the same sequence of takes reads,
// with any kind of destination and any grain of source.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var out vec
		w := NewWriter(&out)
		plain := rapid.Bool().Draw(rt, "plain")
		if plain {
			w = NewWriter(&out.Buffer)
		}
		type item struct {
			kind int
			n    uint64
			p    []byte
		}
		var items []item
		for range rapid.IntRange(0, 60).Draw(rt, "items") {
			it := item{kind: rapid.IntRange(0, 6).Draw(rt, "kind"), n: rapid.Uint64().Draw(rt, "n")}
			switch it.kind {
			case 4:
				it.p = rapid.SliceOfN(rapid.Byte(), 0, 255).Draw(rt, "name")
			case 5, 6:
				it.p = bytes.Repeat([]byte{byte(it.n)}, rapid.SampledFrom([]int{0, 1, 4096, 70000, 300000}).Draw(rt, "len"))
			}
			items = append(items, it)
			switch it.kind {
			case 0:
				w.U8(uint8(it.n))
			case 1:
				w.U16(uint16(it.n))
			case 2:
				w.U32(uint32(it.n))
			case 3:
				w.U64(it.n)
			case 4:
				w.CountedString(string(it.p))
			case 5:
				w.Write(it.p)
			case 6:
				w.Ref(it.p)
			}
		}
		if err := w.Flush(); err != nil {
			rt.Fatal(err)
		}
		if w.Offset() != int64(out.Len()) {
			rt.Fatalf("offset %d, wrote %d", w.Offset(), out.Len())
		}
		var src io.Reader = &out
		if rapid.Bool().Draw(rt, "grain") {
			src = iotest.HalfReader(src)
		}
		total := w.Offset()
		r := NewReader(src)
		for i, it := range items {
			ok := true
			switch it.kind {
			case 0:
				ok = r.U8() == uint8(it.n)
			case 1:
				ok = r.U16() == uint16(it.n)
			case 2:
				ok = r.U32() == uint32(it.n)
			case 3:
				ok = r.U64() == it.n
			case 4:
				ok = r.CountedString() == string(it.p)
			case 5:
				ok = bytes.Equal(r.Bytes(len(it.p)), it.p)
			case 6:
				got := make([]byte, len(it.p))
				r.Full(got)
				ok = bytes.Equal(got, it.p)
			}
			if !ok || r.Err() != nil {
				rt.Fatalf("item %d (%d): err %v", i, it.kind, r.Err())
			}
		}
		if r.Offset() != total {
			rt.Fatalf("took %d of %d", r.Offset(), total)
		}
		if r.U8(); !errors.Is(r.Err(), io.ErrUnexpectedEOF) {
			rt.Fatalf("at the end: %v", r.Err())
		}
	})
}

func TestRefIsNotCopied(t *testing.T) {
	var out vec
	w := NewWriter(&out)
	page := bytes.Repeat([]byte{1}, 4096)
	w.U64(8)
	w.Ref(page)
	page[0] = 2
	w.Flush()
	if out.calls != 1 || out.Bytes()[8] != 2 {
		t.Errorf("%d calls, byte %d", out.calls, out.Bytes()[8])
	}
}

func TestPeekTakesNothing(t *testing.T) {
	r := NewReader(iotest.OneByteReader(bytes.NewReader([]byte("abcdef"))))
	if p, err := r.Peek(3); string(p) != "abc" || err != nil {
		t.Fatalf("%q, %v", p, err)
	}
	if p, err := r.Peek(10); string(p) != "abcdef" || !errors.Is(err, io.EOF) {
		t.Fatalf("%q, %v", p, err)
	}
	if r.Offset() != 0 || r.U8() != 'a' {
		t.Error("peeking took something")
	}
}

func TestErrorsStick(t *testing.T) {
	broken := errors.New("broken")
	r := NewReader(io.MultiReader(bytes.NewReader([]byte{1, 2}), iotest.ErrReader(broken)))
	if r.U16() != 0x102 || r.U32() != 0 || !errors.Is(r.Err(), broken) {
		t.Errorf("err %v", r.Err())
	}
	r.Fail(io.EOF)
	if r.U8() != 0 || r.Bytes(5) != nil || !errors.Is(r.Err(), broken) {
		t.Errorf("err %v", r.Err())
	}
	w := NewWriter(failing{broken})
	w.U8(1)
	if !errors.Is(w.Flush(), broken) {
		t.Fatal("no error")
	}
	w.Write(make([]byte, 200000))
	w.Ref([]byte{1})
	if !errors.Is(w.Flush(), broken) {
		t.Error("the error is gone")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A length that was only announced costs no memory.
func TestAnnouncedLengthCostsNothing(t *testing.T) {
	r := NewReader(bytes.NewReader(make([]byte, 10)))
	n := testing.AllocsPerRun(1, func() { r.Bytes(1 << 40) })
	if r.Err() == nil || n > 5 {
		t.Errorf("err %v, %v allocations", r.Err(), n)
	}
}

// A reader that makes no progress is an error, not an endless loop.
func TestNoProgress(t *testing.T) {
	r := NewReader(stuck{})
	if r.U8(); !errors.Is(r.Err(), io.ErrNoProgress) {
		t.Errorf("err %v", r.Err())
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func BenchmarkWriterPages(b *testing.B) {
	w := NewWriter(discard{})
	page := make([]byte, 4096)
	b.SetBytes(4096)
	b.ReportAllocs()
	for range b.N {
		w.U64(8)
		w.Ref(page)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func (discard) WriteVec(iov [][]byte) (n int64, err error) {
	for _, p := range iov {
		n += int64(len(p))
	}
	return n, nil
}

// A writer that goes on elsewhere has forgotten what did not go out, and why.
func TestWriterReset(t *testing.T) {
	w := NewWriter(failing{io.ErrClosedPipe})
	w.U64(1)
	if w.Flush() == nil {
		t.Fatal("no error")
	}
	w.U64(2)
	var out bytes.Buffer
	w.Reset(&out)
	w.U8(3)
	w.Ref([]byte("page"))
	if err := w.Flush(); err != nil || out.String() != "\x03page" || w.Offset() != 21 {
		t.Errorf("%v, %q, at %d", err, out.String(), w.Offset())
	}
}
