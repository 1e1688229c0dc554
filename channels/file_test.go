package channels_test

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
)

func TestFileErrors(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		a            channels.Address
		dial, listen string
	}{
		{fileAt("/nonexistent/dir/f", 0), "Could not create '/nonexistent/dir/f': No such file or directory",
			"Could not open '/nonexistent/dir/f': No such file or directory"},
		{fileAt("", 0), "Could not create '': No such file or directory", "Could not open '': No such file or directory"},
		{fileAt("/dev/fdset/9", 0), "Failed to find fdset /dev/fdset/9", "Failed to find fdset /dev/fdset/9"},
		{fileAt("/dev/fdset/x", 0), "Could not parse fdset /dev/fdset/x", "Could not parse fdset /dev/fdset/x"},
		{fileAt(dir, 0), "Could not create '" + dir + "': Is a directory", ""},
		{fileAt(fifo, 0), "Could not create '" + fifo + "': No such device or address", "Could not open '" + fifo + "': Illegal seek"},
		{fileAt(filepath.Join(dir, "f"), math.MaxUint64), "Could not create '" + dir + "/f': Invalid argument",
			"Could not open '" + dir + "/f': Invalid argument"},
	} {
		if _, err := channels.Dial(context.Background(), test.a); err == nil || err.Error() != test.dial {
			t.Errorf("dialling %s: %v", test.a, err)
		}
		if test.listen == "" {
			continue
		}
		if _, err := channels.Listen(context.Background(), test.a); err == nil || err.Error() != test.listen {
			t.Errorf("listening on %s: %v", test.a, err)
		}
	}
	in := accept(t, mustListen(t, fileAt(dir, 0))) // opens, in QEMU as well
	defer in.Close()
	_, err := in.Read(make([]byte, 1))
	if !errors.Is(err, syscall.EISDIR) || err.Error() != "Unable to read from file: Is a directory" {
		t.Errorf("reading a folder: %v", err)
	}
	full := mustDial(t, fileAt("/dev/full", 0))
	defer full.Close()
	_, err = full.Write([]byte("x"))
	if !errors.Is(err, syscall.ENOSPC) || err.Error() != "Unable to write to file: No space left on device" {
		t.Errorf("writing to a full disk: %v", err)
	}
}

// The file is cut at the offset; what comes before stays.
func TestFileOffset(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write := func(offset uint64, data string) {
		t.Helper()
		out := mustDial(t, fileAt(path, offset))
		io.WriteString(out, data)
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	}
	want := func(want string) {
		t.Helper()
		if got, err := os.ReadFile(path); string(got) != want || err != nil {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	write(0, "0123456789")
	want("0123456789")
	if info, _ := os.Stat(path); info.Mode() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	write(4, "abc")
	want("0123abc")
	write(10, "x")
	want("0123abc\x00\x00\x00x")
	write(0, "short")
	want("short")
	in := accept(t, mustListen(t, fileAt(path, 2)))
	defer in.Close()
	if got, err := io.ReadAll(in); string(got) != "ort" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// sets has one set of one file, and counts the files that it gave out.
type sets struct {
	path string
	open int
}

func (s *sets) OpenFD(set int64, flags int) (*os.File, func(), error) {
	if set != 3 {
		return nil, nil, errors.New("no such set")
	}
	f, err := os.OpenFile(s.path, flags&^os.O_CREATE, 0)
	if err == nil {
		s.open++
	}
	return f, func() { s.open-- }, err
}

// A descriptor that somebody else opened, in both directions.
func TestFileOfASet(t *testing.T) {
	given := &sets{path: filepath.Join(t.TempDir(), "f")}
	if err := os.WriteFile(given.path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := fileAt("/dev/fdset/3", 2)
	a.File.Sets = given
	out := mustDial(t, a)
	io.WriteString(out, "new")
	if given.open != 1 {
		t.Errorf("%d files are open", given.open)
	}
	out.Close()
	if !strings.HasPrefix(out.String(), "file:/dev/fdset/3") {
		t.Error(out)
	}
	a.File.Offset = 1
	in := accept(t, mustListen(t, a))
	if got, err := io.ReadAll(in); string(got) != "1new" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	in.Close()
	if given.open != 0 {
		t.Errorf("%d files are still open", given.open)
	}
	a.File.Path = "/dev/fdset/4"
	if _, err := channels.Dial(t.Context(), a); err == nil || err.Error() != "no such set" {
		t.Errorf("got %v", err)
	}
}

// Devices that cannot be cut are written to all the same.
func TestFileNull(t *testing.T) {
	out := mustDial(t, fileAt(os.DevNull, 0))
	if n, err := out.Write(make([]byte, 1<<20)); n != 1<<20 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if err := out.Close(); err != nil {
		t.Error(err)
	}
}
