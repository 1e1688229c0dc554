package memory

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// spy is a tracker that knows what it is told.
type spy struct {
	calls            string
	written, touched [][2]uint64
	err              error
}

func (s *spy) Track() error   { s.calls += "track "; return s.err }
func (s *spy) Untrack() error { s.calls += "untrack "; return s.err }

func (s *spy) Written(mark func(first, count uint64)) error {
	for _, r := range s.written {
		mark(r[0], r[1])
	}
	s.written = nil
	return s.err
}

func (s *spy) Touched(mark func(first, count uint64)) error {
	s.calls += "touched "
	for _, r := range s.touched {
		mark(r[0], r[1])
	}
	return s.err
}

func TestTrackersWritesEnterTheLog(t *testing.T) {
	b, err := New("ram", 200*PageSize)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := &spy{touched: [][2]uint64{{3, 2}}}
	b.SetTracker(s)
	b.StartLog()
	if s.calls != "track touched " || !b.Populated(4) || b.Populated(5) {
		t.Errorf("after StartLog: %s, populated %v", s.calls, b.Populated(4))
	}
	dirty := NewBitmap(b.Pages())
	b.MarkWritten(7)
	s.written = [][2]uint64{{7, 1}, {60, 70}}
	if n := b.SyncLog(dirty); n != 71 || dirty.Count() != 71 || !dirty.Get(129) || dirty.Get(130) || !b.Populated(129) {
		t.Errorf("%d pages were logged", n)
	}
	if n := b.SyncLog(dirty); n != 0 {
		t.Errorf("%d pages were logged twice", n)
	}
	// One who knows nothing any more may have missed everything.
	s.err = errors.New("gone")
	if n := b.SyncLog(dirty); n != 200 || !b.Populated(199) {
		t.Errorf("%d pages are taken for written", n)
	}
	b.StopLog()
	s.written = [][2]uint64{{1, 1}}
	if n := b.SyncLog(dirty); n != 0 || s.calls != "track touched untrack " {
		t.Errorf("after StopLog: %d pages, %s", n, s.calls)
	}
}

// A mapping of another process's block shows its memory and keeps no account.
func TestMap(t *testing.T) {
	fd, err := unix.MemfdCreate("test", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "test")
	if err := f.Truncate(4 * PageSize); err != nil {
		t.Fatal(err)
	}
	b, err := NewBacked("ram", 3*PageSize, Backing{File: f, Offset: PageSize, Shared: true})
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	file, offset := b.File()
	other, err := Map("ram", b.Size(), Backing{File: file, Offset: offset, Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	other.Page(2)[1] = 5
	other.MarkWritten(2)
	if b.Page(2)[1] != 5 || b.Populated(2) || !other.Populated(0) {
		t.Errorf("read %d, populated %v", b.Page(2)[1], b.Populated(2))
	}
	var extents []uint64
	if err := b.Extents(func(first, count uint64) { extents = append(extents, first, count) }); err != nil ||
		len(extents) != 2 || extents[0] != 2 || extents[1] != 1 {
		t.Errorf("extents %v, %v", extents, err)
	}
	b.MapExtents()
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if private, err := New("ram", PageSize); err != nil {
		t.Fatal(err)
	} else if f, _ := private.File(); f != nil {
		t.Error("memory of this process has a file")
	} else {
		private.Close()
	}
}
