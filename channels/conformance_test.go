package channels_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
	"qmpmigrate/channels/channelstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	t.Run("tcp4", func(t *testing.T) {
		channelstest.Run(t, channelstest.Kind{Open: byURI("tcp:127.0.0.1:0", ""), TwoWay: true})
	})
	t.Run("tcp6", func(t *testing.T) {
		if !channels.HasIPv6() {
			t.Skip("this machine has no IPv6")
		}
		channelstest.Run(t, channelstest.Kind{Open: byURI("tcp:[::1]:0,keep-alive", ""), TwoWay: true})
	})
	t.Run("unix", func(t *testing.T) {
		channelstest.Run(t, channelstest.Kind{Open: byURI("unix:DIR/s", ""), TwoWay: true})
	})
	t.Run("abstract", func(t *testing.T) {
		channelstest.Run(t, channelstest.Kind{Open: openAbstract, TwoWay: true})
	})
	t.Run("fd socket", func(t *testing.T) {
		channelstest.Run(t, channelstest.Kind{Open: openSocketPair, TwoWay: true})
	})
	t.Run("fd pipe", func(t *testing.T) {
		channelstest.Run(t, channelstest.Kind{Open: openPipe})
	})
	t.Run("exec", func(t *testing.T) {
		channelstest.Run(t, channelstest.Kind{Open: byURI("exec:exec < DIR/fifo; : > DIR/in; exec cat", "exec:exec > DIR/fifo; : > DIR/out; exec cat")})
	})
	t.Run("exec shell", func(t *testing.T) { // the shell stays in between
		channelstest.Run(t, channelstest.Kind{Open: byURI("exec:{ : > DIR/in; cat; } < DIR/fifo | cat", "exec:cat | { : > DIR/out; cat; } > DIR/fifo")})
	})
	t.Run("file", func(t *testing.T) {
		channelstest.Run(t, channelstest.Kind{Open: byURI("file:DIR/f", "file:DIR/f"), Stored: true})
	})
	t.Run("file offset", func(t *testing.T) {
		channelstest.Run(t, channelstest.Kind{Open: byURI("file:DIR/f,offset=5k", "file:DIR/f,offset=5k"), Stored: true})
	})
	t.Run("fd file", func(t *testing.T) {
		channelstest.Run(t, channelstest.Kind{Open: openFDFile, Stored: true})
	})
}

// byURI listens on one URI and dials another, or if that is empty the address that is listened on. DIR is a fresh
// folder with a named pipe in it. Commands tell by files "in" and "out" that they have opened it: one that is killed
// before would leave the other to wait for a partner.
func byURI(listen, dial string) func(testing.TB) (channels.Conn, func() channels.Conn) {
	return func(t testing.TB) (channels.Conn, func() channels.Conn) {
		dir := shortDir(t)
		if err := unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(dial, "exec:") {
			partner, err := os.OpenFile(filepath.Join(dir, "fifo"), os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { partner.Close() })
			out := mustDial(t, address(t, dial, dir))
			return out, func() channels.Conn {
				in := accept(t, mustListen(t, address(t, listen, dir)))
				appears(t, filepath.Join(dir, "in"))
				appears(t, filepath.Join(dir, "out"))
				partner.Close()
				return in
			}
		}
		if dial != "" {
			out := mustDial(t, address(t, dial, dir))
			return out, func() channels.Conn { return accept(t, mustListen(t, address(t, listen, dir))) }
		}
		l := mustListen(t, address(t, listen, dir))
		out := mustDial(t, l.Addr())
		return out, func() channels.Conn { return accept(t, l) }
	}
}

func appears(t testing.TB, path string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return
		} else if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func openAbstract(t testing.TB) (channels.Conn, func() channels.Conn) {
	l := mustListen(t, channels.Address{
		Transport: channels.TransportSocket, Type: channels.SocketUnix,
		Unix: channels.UnixAddress{Path: filepath.Base(shortDir(t)) + t.Name(), Abstract: true, Loose: true},
	})
	out := mustDial(t, l.Addr())
	return out, func() channels.Conn { return accept(t, l) }
}

func openSocketPair(t testing.TB) (channels.Conn, func() channels.Conn) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := mustDial(t, fdAddress(os.NewFile(uintptr(fds[0]), "migrate")))
	in := accept(t, mustListen(t, fdAddress(os.NewFile(uintptr(fds[1]), "migrate"))))
	return out, func() channels.Conn { return in }
}

func openPipe(t testing.TB) (channels.Conn, func() channels.Conn) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out := mustDial(t, fdAddress(w))
	in := accept(t, mustListen(t, fdAddress(r)))
	return out, func() channels.Conn { return in }
}

func openFDFile(t testing.TB) (channels.Conn, func() channels.Conn) {
	path := filepath.Join(t.TempDir(), "f")
	w, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out := mustDial(t, fdAddress(w))
	return out, func() channels.Conn {
		r, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		return accept(t, mustListen(t, fdAddress(r)))
	}
}

func fdAddress(f *os.File) channels.Address {
	return channels.Address{
		Transport: channels.TransportSocket, Type: channels.SocketFD,
		FD: channels.FDAddress{Name: "fd-mig", File: f},
	}
}

func mustDial(t testing.TB, a channels.Address) channels.Conn {
	t.Helper()
	c, err := channels.Dial(context.Background(), a)
	if err != nil {
		t.Fatalf("dialling %s: %v", a, err)
	}
	return c
}

// mustListen listens until the end of the test.
func mustListen(t testing.TB, a channels.Address) channels.Listener {
	t.Helper()
	l, err := channels.Listen(context.Background(), a)
	if err != nil {
		t.Fatalf("listening on %s: %v", a, err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func accept(t testing.TB, l channels.Listener) channels.Conn {
	t.Helper()
	c, err := l.Accept(context.Background())
	if err != nil {
		t.Fatalf("accepting on %s: %v", l.Addr(), err)
	}
	return c
}
