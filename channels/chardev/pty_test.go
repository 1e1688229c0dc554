package chardev

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func openTerminal(t *testing.T, path string) *peer {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return newPeer(t, f)
}

func TestPTY(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	link := filepath.Join(t.TempDir(), "tty")
	d := started(t, Config{Label: "c", Backend: PTY, Path: link}, Env{Out: w})
	path := strings.TrimPrefix(filenameOf(d), "pty:")
	newPeer(t, r).expect("char device redirected to " + path + " (label c)\n")
	for _, name := range []string{path, link, path} { // one client after the other
		p := openTerminal(t, name)
		p.expect("hello\n")
		p.send("no\necho \x03") // no key has a meaning
		p.expect("no\necho \x03")
		p.conn.Close()
		// One who comes at once takes the session over; the kernel tells only who is there.
		eventually(t, "the end of a session", func() bool {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.current == nil
		})
	}
	d.Close()
	for _, name := range []string{path, link} {
		if _, err := os.Lstat(name); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
}

func TestPTYLinkThatExists(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	link := filepath.Join(t.TempDir(), "tty")
	if err := os.WriteFile(link, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), Config{Label: "c", Backend: PTY, Path: link}, Env{Out: w})
	if err == nil || err.Error() != "Failed to create PTY symlink: File exists" {
		t.Errorf("got %v", err)
	}
	if _, err := os.Lstat(link); err != nil {
		t.Errorf("somebody else's file: %v", err)
	}
}

// realTerminal is a terminal such as a person's, and its settings.
func realTerminal(t *testing.T) (keyboard *pty, tty *os.File, settings func() unix.Termios) {
	p := &pty{conf: &Config{}}
	if err := p.create(); err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(p.path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	cooked, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	cooked.Lflag |= unix.ECHO | unix.ICANON | unix.ISIG
	if err := unix.IoctlSetTermios(int(tty.Fd()), unix.TCSETS, cooked); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tty.Close()
		p.close()
	})
	return p, tty, func() unix.Termios {
		now, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		return *now
	}
}

func TestTerminalIsRestored(t *testing.T) {
	for _, c := range []struct{ echo, signal bool }{{false, false}, {false, true}, {true, true}, {true, false}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			_, tty, settings := realTerminal(t)
			before := settings()
			d := opened(t, Config{Label: "c", Backend: Stdio, Signal: c.signal}, Env{In: tty, Out: tty})
			if err := d.Attach(Frontend{Serve: echo, Echo: c.echo}); err != nil {
				t.Fatal(err)
			}
			d.Start()
			now := settings()
			if got := now.Lflag&(unix.ECHO|unix.ICANON) != 0; got != c.echo {
				t.Errorf("echo: %v", got)
			}
			if got := now.Lflag&unix.ISIG != 0; got != c.signal {
				t.Errorf("signals: %v", got)
			}
			// A shell changes the settings while the process is stopped.
			if err := unix.IoctlSetTermios(int(tty.Fd()), unix.TCSETS, &before); err != nil {
				t.Fatal(err)
			}
			if err := unix.Kill(os.Getpid(), unix.SIGCONT); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the device's settings", func() bool { return settings() == now })
			d.Close()
			if settings() != before {
				t.Errorf("%+v is left, want %+v", settings(), before)
			}
		})
	}
}

func TestSerialLine(t *testing.T) {
	line, tty, settings := realTerminal(t)
	started(t, Config{Label: "c", Backend: Serial, Path: line.path}, Env{})
	if settings().Lflag&(unix.ECHO|unix.ICANON) != 0 {
		t.Error("the line is not raw")
	}
	conn, err := newPair(line.ours, line.ours)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Sync()
	newPeer(t, conn).expect("hello\n")
}
