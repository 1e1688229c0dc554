package passfd

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// pair is a connection of two unix sockets.
func pair(t *testing.T) (here, there *net.UnixConn) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	there, err = net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); there.Close() })
	return conn.(*net.UnixConn), there
}

// pass sends the reading end of a new pipe and returns the writing one.
func pass(t *testing.T, conn *net.UnixConn) *os.File {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	defer r.Close()
	if _, _, err := conn.WriteMsgUnix([]byte("x"), unix.UnixRights(int(r.Fd())), nil); err != nil {
		t.Fatal(err)
	}
	return w
}

// open tells whether a pipe has a reader.
func open(w *os.File) bool {
	_, err := w.Write([]byte("."))
	return err == nil
}

func TestReceiverKeepsTheLastDescriptors(t *testing.T) {
	here, there := pair(t)
	r := NewReceiver(here)
	var buf [1]byte
	first := pass(t, there)
	if n, err := r.Read(buf[:]); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	second := pass(t, there)
	if n, err := r.Read(buf[:]); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if open(first) || !open(second) {
		t.Error("not the descriptor of the last message is kept")
	}
	file := r.TakeFirst("x")
	if file == nil || r.TakeFirst("x") != nil {
		t.Fatal("a descriptor is taken once")
	}
	if file.Close(); open(second) {
		t.Error("there is another one of it")
	}
	third := pass(t, there)
	if n, err := r.Read(buf[:]); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if r.Close(); open(third) {
		t.Error("Close leaves a descriptor open")
	}
	there.Close()
	if n, err := r.Read(buf[:]); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %d, %v", n, err)
	}
}

func TestReceiverReadsAnything(t *testing.T) {
	got, err := io.ReadAll(NewReceiver(strings.NewReader("text")))
	if string(got) != "text" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestNamesKeepNothingOnceClosed(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var names Names
	names.Close()
	if names.Put("x", r); open(w) {
		t.Error("the descriptor is still open")
	}
	if _, err := names.Take("x"); err == nil || err.Error() != "File descriptor named 'x' has not been found" {
		t.Errorf("error is %v", err)
	}
}
