package chardev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestServersServeOneClientAtATime(t *testing.T) {
	path := socketPath(t)
	abstract := unixConfig("qmpmigrate-test-" + fmt.Sprint(os.Getpid()))
	abstract.Address.Unix.Abstract = true
	loose := abstract
	loose.Address.Unix.Loose = true
	padded := "@" + abstract.Address.Unix.Path
	padded += strings.Repeat("\x00", 108-len(padded))
	for _, c := range []struct {
		conf                  Config
		network, address      string
		resting, clientSuffix string
	}{
		{unixConfig(path), "unix", path, "disconnected:unix:" + path + ",server=on", "unix:" + path + ",server=on"},
		{tcpConfig("0"), "tcp", "", "disconnected:tcp:127.0.0.1:", ""},
		{abstract, "unix", "@" + abstract.Address.Unix.Path,
			"disconnected:unix:" + abstract.Address.Unix.Path + ",abstract=on,tight=on,server=on", "unix:,server=on"},
		{loose, "unix", padded, "disconnected:unix:" + abstract.Address.Unix.Path + ",abstract=on,server=on", "unix:,server=on"},
	} {
		d := started(t, c.conf, Env{})
		resting := filenameOf(d)
		if c.network == "tcp" {
			c.address = strings.TrimSuffix(strings.TrimPrefix(resting, "disconnected:tcp:"), ",server=on")
		}
		if !strings.HasPrefix(resting, c.resting) || d.Info()[0].Label != "c" || !d.Info()[0].FrontendOpen {
			t.Errorf("%+v", d.Info())
		}
		first := dial(t, c.network, c.address)
		first.expect("hello\n")
		second := dial(t, c.network, c.address)
		second.send("early")
		first.send("x")
		first.expect("x")
		if c.network == "tcp" {
			own := first.conn.(net.Conn)
			c.clientSuffix = fmt.Sprintf("tcp:%s,server=on <-> %s", own.RemoteAddr(), own.LocalAddr())
		}
		if got := filenameOf(d); got != c.clientSuffix {
			t.Errorf("connected: %q, want %q", got, c.clientSuffix)
		}
		first.conn.Close()
		second.expect("hello\nearly")
		second.conn.Close()
		eventually(t, "the resting name", func() bool { return filenameOf(d) == resting })
		d.Close()
		if conn, err := net.Dial(c.network, c.address); err == nil {
			conn.Close()
			t.Errorf("%s still listens", c.address)
		}
	}
}

func TestUnixServerReplacesAndRemovesTheFile(t *testing.T) {
	path := socketPath(t)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := started(t, unixConfig(path), Env{})
	client := dial(t, "unix", path)
	client.expect("hello\n")
	d.Close()
	client.expectEOF()
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestUnixServerPicksAPath(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	d := started(t, unixConfig(""), Env{})
	path := strings.TrimSuffix(strings.TrimPrefix(filenameOf(d), "disconnected:unix:"), ",server=on")
	if !strings.HasPrefix(path, os.TempDir()+"/qemu-socket-") {
		t.Errorf("the path is %q", path)
	}
	dial(t, "unix", path).expect("hello\n")
}

// A server that is about to end lets nobody in, and its client finish.
func TestStopListening(t *testing.T) {
	path := socketPath(t)
	d := started(t, unixConfig(path), Env{})
	client := dial(t, "unix", path)
	client.expect("hello\n")
	waiting := dial(t, "unix", path)
	d.StopListening()
	waiting.expectEOF()
	if _, err := net.Dial("unix", path); !errors.Is(err, unix.ENOENT) {
		t.Errorf("one more: %v", err)
	}
	client.send("x")
	client.expect("x")
	d.StopListening()
	if got := filenameOf(d); got != "unix:"+path+",server=on" {
		t.Errorf("it is %q", got)
	}
}

// The connection of a unix socket is handed over as it is, so that descriptors can be received.
func TestUnixConnIsBare(t *testing.T) {
	for _, client := range []bool{false, true} {
		path := socketPath(t)
		conf := unixConfig(path)
		var l net.Listener
		if client {
			var err error
			if l, err = net.Listen("unix", path); err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			conf.Server = false
		}
		d := opened(t, conf, Env{})
		kind := make(chan string, 1)
		if err := d.Attach(Frontend{Serve: func(_ context.Context, conn io.ReadWriteCloser) {
			kind <- fmt.Sprintf("%T", conn)
		}}); err != nil {
			t.Fatal(err)
		}
		d.Start()
		if !client {
			dial(t, "unix", path)
		}
		if got := <-kind; got != "*net.UnixConn" {
			t.Errorf("a %s", got)
		}
	}
}

func TestWaitForTheFirstClient(t *testing.T) {
	path := socketPath(t)
	conf := unixConfig(path)
	conf.Wait = true
	told := newNotes()
	devices := make(chan *Device)
	go func() {
		d, err := Open(t.Context(), conf, Env{Info: told.add})
		if err != nil {
			t.Error(err)
		}
		devices <- d
	}()
	<-told.came
	if want := "QEMU waiting for connection on: disconnected:unix:" + path + ",server=on"; told.all()[0] != want {
		t.Errorf("said %q, want %q", told.all()[0], want)
	}
	client := dial(t, "unix", path)
	d := <-devices
	defer d.Close()
	if got := filenameOf(d); got != "unix:"+path+",server=on" {
		t.Errorf("before the start: %q", got)
	}
	if err := d.Attach(Frontend{Serve: echo}); err != nil {
		t.Fatal(err)
	}
	d.Start()
	client.expect("hello\n")
	client.conn.Close()
	dial(t, "unix", path).expect("hello\n")
}

func TestWaitingCanBeEnded(t *testing.T) {
	for _, cancel := range []bool{true, false} {
		path := socketPath(t)
		conf := unixConfig(path)
		conf.Wait = true
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		d, err := Open(ctx, conf, Env{Info: func(string) {
			if cancel {
				stop()
			} else {
				dial(t, "unix", path)
			}
		}})
		if cancel != errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if d != nil {
			d.Close() // never started
		}
		if _, err := os.Lstat(path); err == nil {
			t.Error("the socket is still there")
		}
	}
}
