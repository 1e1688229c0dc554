package chardev

import (
	"net"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestClientDevice(t *testing.T) {
	path := socketPath(t)
	conf := unixConfig(path)
	conf.Server = false
	if _, err := Open(t.Context(), conf, Env{}); err == nil ||
		err.Error() != "Failed to connect to '"+path+"': No such file or directory" {
		t.Errorf("nobody there: %v", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	d := started(t, conf, Env{})
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	p := newPeer(t, conn)
	p.expect("hello\n")
	if got := filenameOf(d); got != "unix:"+path {
		t.Errorf("connected: %q", got)
	}
	conn.Close()
	eventually(t, "the end", func() bool { return filenameOf(d) == "disconnected:unix:"+path })
}

func TestReconnect(t *testing.T) {
	path := socketPath(t)
	conf := unixConfig(path)
	conf.Server, conf.Reconnect = false, time.Millisecond
	told := newNotes()
	d := started(t, conf, Env{Warn: told.add})
	<-told.came
	for round := range 2 {
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			conn, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			p := newPeer(t, conn)
			p.expect("hello\n")
			conn.Close()
		}
		l.Close()
		<-told.came // once for each time that nobody is there
		if got := len(told.all()); got != round+2 {
			t.Errorf("%d messages in round %d", got, round)
		}
	}
	want := "Unable to connect character device c: Failed to connect to '" + path + "': No such file or directory"
	if got := told.all()[0]; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	if got := filenameOf(d); got != "disconnected:unix:"+path {
		t.Errorf("now it is %q", got)
	}
}

// An attempt to connect that takes long can be cut off, too.
func TestYankCutsAnAttempt(t *testing.T) {
	path := socketPath(t)
	l, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(l)
	if err := unix.Bind(l, &unix.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(l, 0); err != nil {
		t.Fatal(err)
	}
	conf := unixConfig(path)
	conf.Server = false
	opened(t, conf, Env{}) // fills the queue
	conf.Reconnect = time.Hour
	told := newNotes()
	d := started(t, conf, Env{Warn: told.add})
	for waiting := true; waiting; {
		d.Cut()
		select {
		case <-told.came:
			waiting = false
		default:
			runtime.Gosched() // the attempt has not begun
		}
	}
	want := "Unable to connect character device c: Failed to connect to '" + path + "': context canceled"
	if got := told.all()[0]; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}
