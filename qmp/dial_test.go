package qmp

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

func TestServeDial(t *testing.T) {
	l, err := Listen("unix", filepath.Join(t.TempDir(), "qmp"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	m := newTestServer(t).server.NewMonitor(MonitorConfig{})
	dialer := func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", l.Addr().String())
	}
	ended := make(chan error)
	go func() { ended <- m.ServeDial(t.Context(), dialer, 0) }()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	client := newPeer(t, conn)
	client.negotiate()
	client.conn.Close()
	if err := <-ended; err != nil {
		t.Errorf("ServeDial: %v", err)
	}
}

func TestServeDialOnceTellsItsFailure(t *testing.T) {
	m := newTestServer(t).server.NewMonitor(MonitorConfig{})
	refused := errors.New("refused")
	err := m.ServeDial(t.Context(), func(context.Context) (net.Conn, error) { return nil, refused }, 0)
	if err != refused {
		t.Errorf("got %v", err)
	}
}

func TestServeDialReconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t).server.NewMonitor(MonitorConfig{})
		ctx, cancel := context.WithCancel(t.Context())
		far := make(chan net.Conn, 1)
		tries := 0
		dialer := func(context.Context) (net.Conn, error) {
			if tries++; tries%2 == 1 {
				return nil, errors.New("refused")
			}
			near, end := net.Pipe()
			far <- end
			return near, nil
		}
		ended := make(chan error)
		go func() { ended <- m.ServeDial(ctx, dialer, 5*time.Second) }()
		start := time.Now()
		for range 3 {
			c := newClient(<-far)
			synctest.Wait()
			if got, _ := c.take(); got != testGreeting+"\r\n" {
				t.Errorf("greeting %q", got)
			}
			c.conn.Close()
		}
		if waited := time.Since(start); waited != 25*time.Second {
			t.Errorf("three clients in %v", waited)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("ServeDial: %v", err)
		}
	})
}
