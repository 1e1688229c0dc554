package qmp

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestQuitIsAnsweredBeforeTheEnd(t *testing.T) {
	m := newTestServer(t)
	l := serve(t, m.server.NewMonitor(MonitorConfig{}), "unix", filepath.Join(t.TempDir(), "qmp"))
	p := dial(t, l)
	p.negotiate()
	go p.send(`{"execute": "quit", "id": 1}{"execute": "query-status"}`)
	<-m.server.Stopping()
	if err := m.server.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.expectEvent("SHUTDOWN")
	p.expect(`{"return": {}, "id": 1}`)
	p.expectEOF()
}

func TestCloseWaitsForTheRunningCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t)
		c := connect(m.server.NewMonitor(MonitorConfig{}))
		c.send(t, `{"execute": "qmp_capabilities"}{"execute": "x-hold", "id": "held"}`)
		synctest.Wait()
		closed := make(chan error)
		go func() { closed <- m.server.Close(t.Context()) }()
		synctest.Wait()
		m.hold <- struct{}{}
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if err := <-c.ended; err != ErrStopped {
			t.Errorf("ServeConn: %v", err)
		}
		synctest.Wait()
		if got, eof := c.take(); !strings.HasSuffix(got, `{"return": {}, "id": "held"}`+"\r\n") || !eof {
			t.Errorf("got %q, end %v", got, eof)
		}
	})
}

func TestCloseCutsACommandShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t)
		c := connect(m.server.NewMonitor(MonitorConfig{}))
		c.send(t, negotiateOOB+strings.Repeat(`{"execute": "x-hold"}`, 12))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := m.server.Close(ctx); err != context.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
		<-c.ended // the command's context is done, so it ends
	})
}

func TestCloseDoesNotWaitForADeafClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t)
		near, far := net.Pipe() // nobody reads
		ended := make(chan error, 1)
		go func() { ended <- m.server.NewMonitor(MonitorConfig{}).ServeConn(t.Context(), near) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := m.server.Close(ctx); err != context.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
		<-ended
		far.Close()
	})
}

func TestNothingIsServedAfterClose(t *testing.T) {
	m := newTestServer(t)
	monitor := m.server.NewMonitor(MonitorConfig{})
	for range 2 {
		if err := m.server.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	near, far := net.Pipe()
	if err := monitor.ServeConn(t.Context(), near); err != ErrStopped {
		t.Errorf("ServeConn: %v", err)
	}
	if _, err := far.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is open")
	}
}
