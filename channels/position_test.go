package channels_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"qmpmigrate/channels"
)

// Many write and read anywhere in a file, while the stream goes on in its own place.
func TestFilePositions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	out := mustDial(t, fileAt(path, 5)).(channels.File)
	io.WriteString(out, "ab")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if n, err := out.WriteAt([]byte{'0' + byte(i)}, 20+int64(i)); n != 1 || err != nil {
				t.Error(n, err)
			}
		})
	}
	all.Wait()
	if at, err := out.Seek(2, io.SeekCurrent); at != 9 || err != nil {
		t.Error(at, err)
	}
	io.WriteString(out, "c")
	if err := out.Close(); err != nil {
		t.Error(err)
	}
	const want = "\x00\x00\x00\x00\x00ab\x00\x00c\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0001234567"
	if got, err := os.ReadFile(path); string(got) != want || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	in := accept(t, mustListen(t, fileAt(path, 5))).(channels.File)
	for i := range 8 {
		all.Go(func() {
			b := make([]byte, 1)
			if n, err := in.ReadAt(b, 20+int64(i)); n != 1 || err != nil || b[0] != '0'+byte(i) {
				t.Error(n, err, b)
			}
		})
	}
	all.Wait()
	b := make([]byte, 4)
	if n, err := in.ReadAt(b, 26); n != 2 || err != io.EOF {
		t.Error(n, err)
	}
	if n, err := in.Read(b[:2]); n != 2 || err != nil || string(b[:2]) != "ab" {
		t.Error(n, err, b)
	}
	in.Shutdown()
	if _, err := in.ReadAt(b, 0); err != io.EOF {
		t.Error(err)
	}
	in.Close()
}

// After Shutdown, and after Close, nothing is written any more.
func TestFilePositionsEnd(t *testing.T) {
	out := mustDial(t, fileAt(filepath.Join(t.TempDir(), "f"), 0)).(channels.File)
	out.Shutdown()
	if n, err := out.WriteAt([]byte("x"), 0); n != 0 || !errors.Is(err, syscall.EPIPE) {
		t.Error(n, err)
	}
	if _, err := out.Seek(0, io.SeekStart); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
	out = mustDial(t, fileAt(filepath.Join(t.TempDir(), "f"), 0)).(channels.File)
	out.Close()
	if n, err := out.WriteAt([]byte("x"), 0); n != 0 || !errors.Is(err, os.ErrClosed) {
		t.Error(n, err)
	}
}

// Errors are in QEMU's words.
func TestFilePositionErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	out := mustDial(t, fileAt(path, 0)).(channels.File)
	defer out.Close()
	_, err := out.Seek(-1, io.SeekStart)
	if err == nil || err.Error() != "Unable to seek to offset -1 whence 0 in file: Invalid argument" {
		t.Error(err)
	}
	if _, err = out.ReadAt(make([]byte, 1), 0); err == nil || err.Error() != "Unable to read from file: Bad file descriptor" {
		t.Error(err)
	}
	in := accept(t, mustListen(t, fileAt(path, 0))).(channels.File)
	defer in.Close()
	if _, err = in.WriteAt(make([]byte, 1), 0); err == nil || err.Error() != "Unable to write to file: Bad file descriptor" {
		t.Error(err)
	}
}

// A socket has no positions.
func TestSocketHasNoPositions(t *testing.T) {
	l := mustListen(t, address(t, "tcp:127.0.0.1:0", ""))
	defer l.Close()
	out := mustDial(t, l.Addr())
	defer out.Close()
	if _, ok := out.(channels.File); ok {
		t.Error("it has")
	}
}

// A lane is the same file, opened once more; what cannot be written around the page cache says so in QEMU's words.
func TestFileAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	a := fileAt(path, 0).File
	if _, err := a.Again(true, false); err == nil || err.Error() != "Could not open '"+path+"': No such file or directory" {
		t.Error(err)
	}
	mustDial(t, fileAt(path, 0)).Close()
	out, err := a.Again(true, false)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := out.WriteAt([]byte("x"), 3); err != nil {
		t.Error(err)
	}
	in, err := a.Again(false, false)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	b := make([]byte, 4)
	if n, err := in.ReadAt(b, 0); n != 4 || err != nil || b[3] != 'x' {
		t.Error(n, err, b)
	}
	_, err = fileAt(os.DevNull, 0).File.Again(true, true)
	if err == nil || err.Error() != "Could not open '/dev/null': filesystem does not support O_DIRECT" {
		t.Error(err)
	}
}
