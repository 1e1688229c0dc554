package qmp

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestListenersServeOneClientAtATime(t *testing.T) {
	for _, address := range []struct{ network, address string }{
		{"unix", filepath.Join(t.TempDir(), "qmp")},
		{"tcp", "127.0.0.1:0"},
	} {
		t.Run(address.network, func(t *testing.T) {
			l := serve(t, newTestServer(t).server.NewMonitor(MonitorConfig{}), address.network, address.address)
			first := dial(t, l)
			first.negotiate()
			second := dial(t, l)
			second.send(`{"execute": "query-status"}`)
			first.send(`{"execute": "stop", "id": 1}`)
			first.expectEvent("STOP")
			first.expect(`{"return": {}, "id": 1}`)
			first.send(`{"execute": "query-st`) // a new client's stream does not go on with this
			first.conn.Close()
			second.expect(testGreeting,
				`{"error": {"class": "CommandNotFound", "desc": "Expecting capabilities negotiation with 'qmp_capabilities'"}}`)
		})
	}
}

func TestListenReplacesTheFileAndRemovesIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "qmp")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := newTestServer(t).server.NewMonitor(MonitorConfig{})
	l, err := Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- m.ServeListener(ctx, l) }()
	dial(t, l).negotiate()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("ServeListener: %v", err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestListenRefusesAFolder(t *testing.T) {
	if l, err := Listen("unix", t.TempDir()); err == nil {
		l.Close()
		t.Error("no error")
	}
}

func TestServeListenerEndsWithItsListener(t *testing.T) {
	m := newTestServer(t).server.NewMonitor(MonitorConfig{})
	l, err := Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := m.ServeListener(t.Context(), l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// pipeListener yields connections from a channel, after a few failures as for want of descriptors.
type pipeListener struct {
	failures int
	conns    chan net.Conn
	closed   chan struct{}
	close    func()
}

func newPipeListener(failures int) *pipeListener {
	l := &pipeListener{failures: failures, conns: make(chan net.Conn), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

func (l *pipeListener) Accept() (net.Conn, error) {
	if l.failures > 0 {
		l.failures--
		return nil, errors.New("accept: too many open files")
	}
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Addr() net.Addr { return nil }

func (l *pipeListener) Close() error {
	l.close()
	return nil
}

func TestServeListenerSurvivesFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener(3)
		serveListener(t, newTestServer(t).server.NewMonitor(MonitorConfig{}), l)
		near, far := net.Pipe()
		start := time.Now()
		l.conns <- near
		c := newClient(far)
		synctest.Wait()
		if got, _ := c.take(); got != testGreeting+"\r\n" || time.Since(start) != 3*acceptRetry {
			t.Errorf("got %q after %v", got, time.Since(start))
		}
		far.Close()
	})
}

func TestWaitFirst(t *testing.T) {
	l, err := Listen("unix", filepath.Join(t.TempDir(), "qmp"))
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan net.Listener)
	go func() {
		l, err := WaitFirst(t.Context(), l)
		if err != nil {
			t.Error(err)
		}
		started <- l
	}()
	first := dial(t, l)
	serveListener(t, newTestServer(t).server.NewMonitor(MonitorConfig{}), <-started)
	first.negotiate()
	first.conn.Close()
	dial(t, l).negotiate()
}

func TestWaitFirstCanBeEnded(t *testing.T) {
	l, err := Listen("unix", filepath.Join(t.TempDir(), "qmp"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := WaitFirst(ctx, l); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestWaitFirstNotServed(t *testing.T) {
	l, err := Listen("unix", filepath.Join(t.TempDir(), "qmp"))
	if err != nil {
		t.Fatal(err)
	}
	client := dial(t, l)
	l, err = WaitFirst(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	client.expectEOF()
}
