package channels

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// eachSocket runs a test with two ends of each kind of socket.
func eachSocket(t *testing.T, test func(t *testing.T, a, b Conn)) {
	for name, uri := range map[string]string{"tcp": "tcp:127.0.0.1:0", "unix": "unix:" + filepath.Join(t.TempDir(), "s")} {
		t.Run(name, func(t *testing.T) {
			a, b := connected(t, uri)
			test(t, a, b)
		})
	}
}

// connected gives both ends of a connection, which ends with the test.
func connected(t *testing.T, uri string) (out, in Conn) {
	t.Helper()
	addr, err := ParseURI(uri)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if out, err = Dial(t.Context(), l.Addr()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	if in, err = l.Accept(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return out, in
}

// waits runs f in a thread of its own, and returns once that waits in ppoll(2).
func waits(t *testing.T, f func() error) (done chan error) {
	t.Helper()
	done = make(chan error, 1)
	thread := make(chan int, 1)
	go func() {
		runtime.LockOSThread()
		thread <- unix.Gettid()
		done <- f()
	}()
	call := fmt.Sprintf("/proc/self/task/%d/syscall", <-thread)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		text, err := os.ReadFile(call)
		if err != nil {
			t.Skip(err)
		}
		if strings.HasPrefix(string(text), fmt.Sprint(unix.SYS_PPOLL, " ")) {
			return done
		}
		if time.Now().After(end) {
			t.Fatalf("it does not wait in poll: %s", text)
		}
	}
}

// Who reads inside waits in a system call, and hears of data, Shutdown, Close and the end.
func TestReadInside(t *testing.T) {
	read := func(c Conn) func() error {
		return func() error { _, err := c.Read(make([]byte, 10)); return err }
	}
	for _, c := range []struct {
		name string
		what func(a, b Conn) error
		ends bool
	}{
		{"data", func(_, b Conn) error { _, err := b.Write([]byte("x")); return err }, false},
		{"end", func(_, b Conn) error { return b.Close() }, true},
		{"shutdown", func(a, _ Conn) error { return a.Shutdown() }, true},
		{"close", func(a, _ Conn) error { return a.Close() }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachSocket(t, func(t *testing.T, a, b Conn) {
				ReadInside(a)
				done := waits(t, read(a))
				if err := c.what(a, b); err != nil {
					t.Fatal(err)
				}
				if err := <-done; (err != nil) != c.ends {
					t.Error(err)
				}
			})
		})
	}
}

// Who writes inside waits for room in a system call, and hears of room, and of Shutdown.
func TestWriteInside(t *testing.T) {
	const size = 16 << 20
	eachSocket(t, func(t *testing.T, a, b Conn) {
		WriteInside(a)
		write := func() error { _, err := a.Write(make([]byte, size)); return err }
		done := waits(t, write)
		if n, err := io.CopyN(io.Discard, b, size); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		done = waits(t, write)
		if err := a.Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-done; err == nil {
			t.Error("written after Shutdown")
		}
	})
}
