package file

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

func open(t testing.TB, size int64, o Options) *File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// A file does what bytes in memory do, and what is known of it is true.
func TestFileIsADisk(t *testing.T) {
	f := open(t, 0, Options{Grow: true})
	var want []byte
	grow := func(end int64) {
		if end > int64(len(want)) {
			want = append(want, make([]byte, end-int64(len(want)))...)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		off := rapid.Int64Range(0, 1<<20).Draw(t, "off")
		n := rapid.Int64Range(1, 1<<17).Draw(t, "n")
		if rapid.Bool().Draw(t, "zeros") {
			if err := f.WriteZeros(off, n); err != nil {
				t.Fatal(err)
			}
			grow(off + n)
			clear(want[off : off+n])
		} else {
			p := bytes.Repeat([]byte{byte(off) | 1}, int(n))
			if _, err := f.WriteAt(p, off); err != nil {
				t.Fatal(err)
			}
			grow(off + n)
			copy(want[off:], p)
		}
		if size := f.Size(); size != int64(len(want)+511)/512*512 {
			t.Fatalf("size %d of %d", size, len(want))
		}
		got := make([]byte, f.Size())
		if _, err := f.ReadAt(got, 0); err != nil || !bytes.Equal(got[:len(want)], want) {
			t.Fatalf("not what was written: %v", err)
		}
		for at := int64(0); at < f.Size(); {
			e, err := f.Extent(at, f.Size()-at)
			if err != nil || e.Length <= 0 {
				t.Fatal(e, err)
			}
			if e.Zero && len(bytes.Trim(got[at:at+e.Length], "\x00")) != 0 {
				t.Fatalf("%d bytes at %d are not zeros", e.Length, at)
			}
			at += e.Length
		}
	})
}

// Readers share a file, a writer wants it alone.
func TestLocks(t *testing.T) {
	f := open(t, 512, Options{ReadOnly: true})
	again, err := Open(f.path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := Open(f.path, Options{}); err == nil || err.Error() != `Failed to get "write" lock` {
		t.Errorf("a writer beside readers: %v", err)
	}
	w, err := Open(f.path, Options{Unlocked: true})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, r := range []*File{f, again} {
		if err := r.Inactivate(); err != nil {
			t.Fatal(err)
		}
	}
	alone, err := Open(f.path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	if err := f.Activate(); err == nil || err.Error() != `Failed to get shared "write" lock` {
		t.Errorf("a reader beside a writer: %v", err)
	}
}
