package stream

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func file(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// What is put goes on elsewhere after a move; what is put at a place does not move anything.
func TestWriterPositions(t *testing.T) {
	f := file(t)
	w := NewWriter(f)
	w.U8(1)
	w.Ref([]byte{2, 3})
	if at := w.Position(); at != 3 {
		t.Errorf("position %d", at)
	}
	w.Move(8)
	w.U8(4)
	w.PutAt([]byte{5, 6}, 4)
	w.U8(7)
	if err := w.Flush(); err != nil || w.Offset() != 7 {
		t.Errorf("%v, offset %d", err, w.Offset())
	}
	if at := w.Position(); at != 10 {
		t.Errorf("position %d", at)
	}
	got, err := os.ReadFile(f.Name())
	if want := []byte{1, 2, 3, 0, 5, 6, 0, 0, 4, 7}; !bytes.Equal(got, want) || err != nil {
		t.Errorf("% x, %v", got, err)
	}
	w.Move(-1)
	if w.Err() == nil {
		t.Error("a negative position is taken")
	}
	w.PutAt([]byte{9}, 0)
	if again, _ := os.ReadFile(f.Name()); !bytes.Equal(got, again) {
		t.Error("written after an error")
	}
}

func TestReaderPositions(t *testing.T) {
	f := file(t)
	data := make([]byte, 3*readBuffer)
	for i := range data {
		data[i] = byte(i / 256)
	}
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	for _, src := range []io.Reader{f, bytes.NewReader(data)} {
		if _, err := src.(io.Seeker).Seek(256, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		r := NewReader(src)
		if r.U8() != 1 || r.Position() != 257 {
			t.Errorf("position %d", r.Position())
		}
		r.Move(2 * readBuffer)
		if got, want := r.U8(), data[2*readBuffer]; got != want || r.Position() != 2*readBuffer+1 {
			t.Errorf("got %d, want %d at %d", got, want, r.Position())
		}
		if r.Offset() != 2*readBuffer+1-256 {
			t.Errorf("offset %d", r.Offset())
		}
		r.Skip(readBuffer)
		if r.Err() == nil {
			t.Error("more than there is")
		}
		r = NewReader(src)
		r.Move(int64(len(data)))
		if _, err := r.Peek(1); err != io.EOF {
			t.Error(err)
		}
		r.Move(0) // back from the end
		if r.U16(); r.Err() != nil {
			t.Error(r.Err())
		}
		at, err := r.File()
		if err != nil {
			t.Fatal(err)
		}
		part := make([]byte, 2)
		if _, err := at.ReadAt(part, 511); err != nil || part[0] != 1 || part[1] != 2 || r.Position() != 2 {
			t.Error(part, err, r.Position())
		}
	}
}

// Channels without positions say so, in QEMU's words.
func TestNoPositions(t *testing.T) {
	const want = "Requested channel is not seekable: Invalid argument"
	for name, use := range map[string]func(*Writer){
		"position": func(w *Writer) { w.Position() },
		"move":     func(w *Writer) { w.Move(1) },
		"put":      func(w *Writer) { w.PutAt([]byte{1}, 0) },
	} {
		w := NewWriter(&bytes.Buffer{})
		if use(w); w.Err() == nil || w.Err().Error() != want {
			t.Errorf("%s: %v", name, w.Err())
		}
	}
	r := NewReader(io.MultiReader(strings.NewReader("abc")))
	if _, err := r.File(); err == nil || err.Error() != want {
		t.Error(err)
	}
	r.Move(1)
	if r.Err() == nil || r.Err().Error() != want {
		t.Error(r.Err())
	}
}
