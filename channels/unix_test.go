package channels_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
)

func TestUnixErrors(t *testing.T) {
	dir := shortDir(t)
	long := strings.Repeat("x", 108)
	for _, test := range []struct{ uri, dial, listen string }{
		{"unix:/nonexistent/x", "Failed to connect to '/nonexistent/x': No such file or directory",
			"Failed to bind socket to /nonexistent/x: No such file or directory"},
		{"unix:" + dir, "Failed to connect to '" + dir + "': Connection refused",
			"Failed to unlink socket " + dir + ": Is a directory"},
		{"unix:" + dir + "/x/y", "Failed to connect to '" + dir + "/x/y': No such file or directory",
			"Failed to bind socket to " + dir + "/x/y: No such file or directory"},
		{"unix:" + long, "UNIX socket path '" + long + "' is too long", "UNIX socket path '" + long + "' is too long"},
		{"unix:@" + long[2:], "UNIX socket path '@" + long[2:] + "' is too long", "UNIX socket path '@" + long[2:] + "' is too long"},
	} {
		a := address(t, test.uri, "")
		if _, err := channels.Dial(context.Background(), a); err == nil || err.Error() != test.dial {
			t.Errorf("dialling %s: %v", test.uri, err)
		}
		_, err := channels.Listen(context.Background(), a)
		if err == nil || err.Error() != test.listen {
			t.Errorf("listening on %s: %v", test.uri, err)
		}
		hint := ""
		if strings.Contains(test.listen, "too long") {
			hint = "Path must be less than 108 bytes"
		}
		if got := channels.Hint(err); got != hint {
			t.Errorf("%s: hint %q", test.uri, got)
		}
	}
	if _, err := channels.Listen(context.Background(), unixAddress("")); err == nil || err.Error() != "invalid Unix socket address" {
		t.Errorf("listening on nothing: %v", err)
	}
	if _, err := channels.Dial(context.Background(), unixAddress("")); err == nil || err.Error() != "Failed to connect to '': Connection refused" {
		t.Errorf("dialling nothing: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := channels.Dial(ctx, unixAddress(dir+"/s")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A listener whose queue is full makes clients wait, until it accepts one or they are called off.
func TestUnixQueueFull(t *testing.T) {
	path := filepath.Join(shortDir(t), "s")
	l, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(l)
	if err := errors.Join(unix.Bind(l, &unix.SockaddrUnix{Name: path}), unix.Listen(l, 0)); err != nil {
		t.Fatal(err)
	}
	defer mustDial(t, unixAddress(path)).Close() // fills the queue

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := channels.Dial(ctx, unixAddress(path)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("called off: %v", err)
	}
	result := make(chan error)
	go func() {
		c, err := channels.Dial(context.Background(), unixAddress(path))
		if err == nil {
			c.Close()
		}
		result <- err
	}()
	for range 2 { // the first one, or the one that was called off; then the one that waits
		fd, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(fd)
	}
	if err := <-result; err != nil {
		t.Error(err)
	}
}

// A path of exactly 107 bytes works.
func TestUnixLongestPath(t *testing.T) {
	dir := shortDir(t)
	path := dir + "/" + strings.Repeat("x", channels.MaxUnixPath-len(dir)-1)
	exchange(t, mustListen(t, unixAddress(path)))
}

// exchange sends a byte through a listener.
func exchange(t *testing.T, l channels.Listener) {
	t.Helper()
	out, in := mustDial(t, l.Addr()), accept(t, l)
	defer out.Close()
	defer in.Close()
	io.WriteString(out, "x")
	if n, err := in.Read(make([]byte, 9)); n != 1 {
		t.Errorf("%s: %v", l.Addr(), err)
	}
}

// The file appears, replaces what was there, and goes at the end unless somebody else's has taken its place.
func TestUnixFile(t *testing.T) {
	path := filepath.Join(shortDir(t), "s")
	exists := func() bool {
		_, err := os.Lstat(path)
		return err == nil
	}
	if err := os.WriteFile(path, []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	first := mustListen(t, unixAddress(path))
	exchange(t, first)
	second := mustListen(t, unixAddress(path)) // without complaint
	exchange(t, second)
	first.Close()
	if !exists() {
		t.Fatal("the first server removed the second one's socket")
	}
	exchange(t, second)
	second.Close()
	if exists() {
		t.Error("the socket is still there")
	}
	if _, err := channels.Dial(context.Background(), unixAddress(path)); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("dialling: %v", err)
	}

	third := mustListen(t, unixAddress(path))
	os.Remove(path)
	os.WriteFile(path, []byte("a file"), 0o600)
	third.Close()
	if !exists() {
		t.Error("a file of somebody else's was removed")
	}
}

// '@' is a letter like any other unless the address says "abstract".
func TestUnixAt(t *testing.T) {
	t.Chdir(shortDir(t))
	l := mustListen(t, unixAddress("@s"))
	if _, err := os.Lstat("@s"); err != nil {
		t.Error(err)
	}
	exchange(t, l)
	l.Close()
	if _, err := os.Lstat("@s"); err == nil {
		t.Error("the socket is still there")
	}
	tight := channels.Address{
		Transport: channels.TransportSocket, Type: channels.SocketUnix,
		Unix: channels.UnixAddress{Path: filepath.Base(t.TempDir()) + t.Name(), Abstract: true},
	}
	loose := tight
	loose.Unix.Loose = true
	exchange(t, mustListen(t, tight))
	exchange(t, mustListen(t, loose)) // a name of its own
	if files, _ := os.ReadDir("."); len(files) != 0 {
		t.Errorf("files: %v", files)
	}
	nobody := tight
	nobody.Unix.Path += "nobody"
	want := "Failed to connect to '" + nobody.Unix.Path + "': Connection refused"
	if _, err := channels.Dial(context.Background(), nobody); err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestVsock(t *testing.T) {
	for uri, want := range map[string]string{
		"vsock:x:1":          "Failed to parse cid 'x'",
		"vsock:-1:1":         "Failed to parse cid '-1'",
		"vsock:4294967296:1": "Failed to parse cid '4294967296'",
		"vsock:1:y":          "Failed to parse port 'y'",
		"vsock:1:2:3":        "Failed to parse port '2:3'",
	} {
		a := address(t, uri, "")
		if _, err := channels.Dial(context.Background(), a); err == nil || err.Error() != want {
			t.Errorf("dialling %s: %v", uri, err)
		}
		if _, err := channels.Listen(context.Background(), a); err == nil || err.Error() != want {
			t.Errorf("listening on %s: %v", uri, err)
		}
	}
	fd, err := unix.Socket(unix.AF_VSOCK, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Skip("this kernel has no vsock")
	}
	unix.Close(fd)
	_, err = channels.Listen(context.Background(), address(t, "vsock:77:1", ""))
	if err == nil || err.Error() != "Failed to bind socket: Cannot assign requested address" {
		t.Errorf("listening on a foreign CID: %v", err)
	}
	l, err := channels.Listen(context.Background(), address(t, "vsock:4294967295:7701", ""))
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	// CID 1 is this machine, where the kernel can do that; otherwise the connect has to be given up.
	if c, err := channels.Dial(ctx, address(t, "vsock:1:7701", "")); err == nil {
		c.Close()
	} else if !errors.Is(err, context.Canceled) && !strings.HasPrefix(err.Error(), "Failed to connect to '1:7701': ") {
		t.Errorf("dialling: %v", err)
	}
}
