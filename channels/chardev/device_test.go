package chardev

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestYankCutsTheConnection(t *testing.T) {
	path := socketPath(t)
	var label string
	var cut func()
	removed := false
	d := started(t, unixConfig(path), Env{Yank: func(l string, f func()) (func(), error) {
		label, cut = l, f
		return func() { removed = true }, nil
	}})
	for range 2 {
		client := dial(t, "unix", path)
		client.expect("hello\n")
		cut()
		client.expectEOF()
		client.conn.Close()
	}
	cut() // nobody is there
	dial(t, "unix", path).expect("hello\n")
	d.Close()
	if label != "c" || !removed {
		t.Errorf("entered as %q, removed: %v", label, removed)
	}
	taken := errors.New("duplicate yank instance")
	_, err := Open(t.Context(), unixConfig(path), Env{Yank: func(string, func()) (func(), error) { return func() {}, taken }})
	if err != taken {
		t.Errorf("got %v", err)
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	const devices, clients = 4, 50
	ended := make(chan error, devices*clients)
	for range devices {
		path := socketPath(t)
		started(t, unixConfig(path), Env{})
		for range clients {
			go func() { ended <- talk(path) }()
		}
	}
	for range devices * clients {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func talk(path string) error {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(3 * patience))
	if _, err := io.WriteString(conn, "me"); err != nil {
		return err
	}
	got := make([]byte, 8)
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != "hello\nme" {
		return fmt.Errorf("got %q, %v", got, err)
	}
	return nil
}

func TestDeviceWithoutFrontend(t *testing.T) {
	path := socketPath(t)
	d := opened(t, unixConfig(path), Env{})
	d.Start()
	client := dial(t, "unix", path)
	eventually(t, "a client", func() bool { return filenameOf(d) == "unix:"+path+",server=on" })
	if d.Info()[0].FrontendOpen {
		t.Error("it has a front end")
	}
	client.send("into the void")
	client.conn.Close()
	eventually(t, "its end", func() bool { return strings.HasPrefix(filenameOf(d), "disconnected") })
}

func TestOneFrontendOnly(t *testing.T) {
	d := opened(t, Config{Label: "c", Backend: Null}, Env{})
	if err := d.Attach(Frontend{Serve: echo}); err != nil {
		t.Error(err)
	}
	if err := d.Attach(Frontend{Serve: echo}); err == nil || err.Error() != "chardev 'c' is already in use" {
		t.Errorf("got %v", err)
	}
}
