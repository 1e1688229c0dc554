package memory

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// file makes a file of that many pages, all of them 'x'.
func file(t *testing.T, pages int) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "ram"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	data := make([]byte, pages*PageSize)
	for i := range data {
		data[i] = 'x'
	}
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	return f
}

func backed(t *testing.T, pages uint64, b Backing) *Block {
	t.Helper()
	block, err := NewBacked("t", pages*PageSize, b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { block.Close() })
	return block
}

func TestSharedMemoryIsSeenByAllWhoMapTheFile(t *testing.T) {
	f := file(t, 3)
	a := backed(t, 2, Backing{File: f, Offset: PageSize, Shared: true, Named: true})
	b := backed(t, 2, Backing{File: f, Offset: PageSize, Shared: true, Named: true})
	if !a.Shared() || !a.Populated(1) {
		t.Errorf("shared %v, populated %v", a.Shared(), a.Populated(1))
	}
	a.Page(1)[5] = 'y'
	if b.Page(1)[5] != 'y' || b.Page(0)[0] != 'x' {
		t.Error("the other does not see what was written")
	}
	got := make([]byte, 1)
	if _, err := f.ReadAt(got, 2*PageSize+5); err != nil || got[0] != 'y' {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if err := a.Discard(0, 1); err != nil || b.Page(0)[0] != 0 || b.Page(1)[0] != 'x' {
		t.Errorf("after Discard %v: %q %q", err, b.Page(0)[0], b.Page(1)[0])
	}
}

func TestPrivateMemoryOfAFileStaysHere(t *testing.T) {
	f := file(t, 1)
	b := backed(t, 1, Backing{File: f, Named: true})
	if b.Shared() || b.Page(0)[9] != 'x' {
		t.Errorf("shared %v, byte %q", b.Shared(), b.Page(0)[9])
	}
	b.Page(0)[9] = 'z'
	got := make([]byte, 1)
	if _, err := f.ReadAt(got, 9); err != nil || got[0] != 'x' {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if err := b.Discard(0, 1); err != nil || b.Page(0)[9] != 0 {
		t.Errorf("after Discard: %v, %q", err, b.Page(0)[9])
	}
}

func TestNamelessSharedMemoryIsKnownToBeZero(t *testing.T) {
	fd, err := unix.MemfdCreate("t", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "memfd")
	defer f.Close()
	if err := f.Truncate(4 * PageSize); err != nil {
		t.Fatal(err)
	}
	b := backed(t, 4, Backing{File: f, Shared: true})
	if b.Populated(2) || b.Shared() {
		t.Error("a new memfd counts as written, or as one that others can open")
	}
	b.Page(2)[0] = 1
	b.MarkWritten(2)
	if err := b.Discard(2, 1); err != nil || b.Page(2)[0] != 0 || b.Populated(2) {
		t.Errorf("after Discard: %v, %d, %v", err, b.Page(2)[0], b.Populated(2))
	}
	if err := b.Prealloc(); err != nil {
		t.Error(err)
	}
}

func TestReadOnlyMemory(t *testing.T) {
	b := backed(t, 1, Backing{File: file(t, 1), Shared: true, Named: true, ReadOnly: true})
	if b.Page(0)[0] != 'x' {
		t.Error("the file's contents are not there")
	}
}

func TestABackingThatCannotBeMapped(t *testing.T) {
	if _, err := NewBacked("t", PageSize, Backing{File: file(t, 1), Offset: 5, Shared: true}); err == nil {
		t.Error("an odd offset was mapped")
	}
}
