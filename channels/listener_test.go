package channels_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"qmpmigrate/channels"
)

// listeners are addresses of every kind that can be listened on; DIR holds a file f.
func listeners(t *testing.T) map[string]channels.Address {
	dir := shortDir(t)
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte("data"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return map[string]channels.Address{
		"tcp":  address(t, "tcp:127.0.0.1:0", dir),
		"unix": address(t, "unix:DIR/s", dir),
		"exec": address(t, "exec:exec sleep 1000", dir),
		"file": address(t, "file:DIR/f", dir),
		"fd":   fdAddress(r),
	}
}

// Kinds without clients yield one Conn and then make callers wait, like sockets that nobody connects to.
func TestAcceptEnds(t *testing.T) {
	for name, a := range listeners(t) {
		t.Run(name, func(t *testing.T) {
			l := mustListen(t, a)
			if got := l.Addr(); got.Transport != a.Transport || got.Type != a.Type || got.FD.File != nil {
				t.Errorf("address %+v", got)
			}
			if len(channels.Addresses(l)) != 1 {
				t.Errorf("addresses %v", channels.Addresses(l))
			}
			if a.Type != channels.SocketInet && a.Type != channels.SocketUnix {
				c := accept(t, l)
				defer c.Close()
				if !strings.HasPrefix(c.String(), name+":") {
					t.Errorf("name %s", c)
				}
			}
			ctx, cancel := context.WithCancel(context.Background())
			results := make(chan error)
			for range 3 {
				go func() {
					_, err := l.Accept(ctx)
					results <- err
				}()
			}
			cancel()
			for range 3 {
				if err := <-results; !errors.Is(err, context.Canceled) {
					t.Errorf("cancelled: %v", err)
				}
			}
			if _, err := l.Accept(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled before: %v", err)
			}
			for range 3 {
				go func() {
					_, err := l.Accept(context.Background())
					results <- err
				}()
			}
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					if err := l.Close(); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			for range 3 {
				if err := <-results; !errors.Is(err, os.ErrClosed) {
					t.Errorf("closed: %v", err)
				}
			}
			if _, err := l.Accept(context.Background()); !errors.Is(err, os.ErrClosed) {
				t.Errorf("closed before: %v", err)
			}
		})
	}
}

// What nobody accepted is closed with the listener.
func TestCloseUnaccepted(t *testing.T) {
	for name, a := range listeners(t) {
		t.Run(name, func(t *testing.T) {
			l := mustListen(t, a)
			var clients []channels.Conn
			for range 3 {
				if a.Type == channels.SocketInet || a.Type == channels.SocketUnix {
					clients = append(clients, mustDial(t, l.Addr()))
				}
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			for _, c := range clients {
				if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
					t.Errorf("a client waits on: %d, %v", n, err)
				}
				c.Close()
			}
		})
	}
}

// Clients are served in any number, also when they come before Accept, and outlive the listener.
func TestManyClients(t *testing.T) {
	const n = 20
	l := mustListen(t, address(t, "unix:DIR/s", shortDir(t)))
	var outs, ins []channels.Conn
	for range n {
		outs = append(outs, mustDial(t, l.Addr()))
	}
	for range n {
		ins = append(ins, accept(t, l))
	}
	l.Close()
	sum := 0
	for i, c := range outs {
		c.Write([]byte{byte(i)})
		c.Close()
	}
	for _, c := range ins {
		b, err := io.ReadAll(c)
		if len(b) != 1 || err != nil {
			t.Fatalf("%v, %v", b, err)
		}
		sum += int(b[0])
		c.Close()
	}
	if sum != n*(n-1)/2 {
		t.Errorf("sum %d", sum)
	}
}

func TestUnknownKind(t *testing.T) {
	for _, a := range []channels.Address{
		{}, {Transport: "rdma"}, {Transport: channels.TransportSocket}, {Transport: channels.TransportSocket, Type: "x"},
	} {
		if _, err := channels.Dial(context.Background(), a); err == nil {
			t.Errorf("dialled %+v", a)
		}
		if _, err := channels.Listen(context.Background(), a); err == nil {
			t.Errorf("listened on %+v", a)
		}
	}
}
