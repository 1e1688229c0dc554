package qmp

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
)

const negotiateOOB = `{"execute": "qmp_capabilities", "arguments": {"enable": ["oob"]}}`

func TestClientLeavesInMidValue(t *testing.T) {
	for _, rest := range []string{"", "{", `{"execute": "query-`, "12", `@ `} {
		synctest.Test(t, func(t *testing.T) {
			c := connect(newTestServer(t).server.NewMonitor(MonitorConfig{}))
			if rest != "" {
				c.send(t, rest)
			}
			c.conn.Close()
			if err := <-c.ended; err != nil {
				t.Errorf("after %q: %v", rest, err)
			}
		})
	}
}

func TestCommandOutlivesItsClient(t *testing.T) {
	for _, negotiate := range []string{`{"execute": "qmp_capabilities"}`, negotiateOOB} {
		synctest.Test(t, func(t *testing.T) {
			m := newTestServer(t)
			c := connect(m.server.NewMonitor(MonitorConfig{}))
			c.send(t, negotiate+`{"execute": "x-hold"}`)
			synctest.Wait()
			c.conn.Close()
			synctest.Wait()
			select {
			case err := <-c.ended:
				t.Fatalf("the session ended with %v while its command runs", err)
			default:
			}
			m.hold <- struct{}{}
			if err := <-c.ended; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWaitingRequestsGoWithTheirClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t)
		other := connect(m.server.NewMonitor(MonitorConfig{}))
		other.send(t, `{"execute": "qmp_capabilities"}`)
		c := connect(m.server.NewMonitor(MonitorConfig{}))
		c.send(t, negotiateOOB+`{"execute": "x-hold"}{"execute": "stop"}{"execute": "stop"}`)
		synctest.Wait()
		c.conn.Close()
		synctest.Wait()
		m.hold <- struct{}{}
		<-c.ended
		synctest.Wait()
		if got, _ := other.take(); strings.Contains(got, "STOP") {
			t.Error("a request ran after its client had left")
		}
		other.conn.Close()
	})
}

func TestContextEndsASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t).server.NewMonitor(MonitorConfig{})
		near, far := net.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		c := newClient(far)
		go func() { c.ended <- m.ServeConn(ctx, near) }()
		synctest.Wait()
		cancel()
		if err := <-c.ended; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if _, eof := c.take(); !eof {
			t.Error("the connection is still open")
		}
	})
}

// TestTurnsGoRound has two clients with many requests each: neither waits for more than one of the other's.
func TestTurnsGoRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t)
		a, b := connect(m.server.NewMonitor(MonitorConfig{})), connect(m.server.NewMonitor(MonitorConfig{}))
		for _, text := range []string{`{"execute": "qmp_capabilities"}`, strings.Repeat(`{"execute": "x-hold"}`, 5)} {
			a.send(t, text)
			synctest.Wait()
			b.send(t, text)
			synctest.Wait()
		}
		a.take()
		b.take()
		for i := range 10 {
			m.hold <- struct{}{}
			synctest.Wait()
			gotA, _ := a.take()
			gotB, _ := b.take()
			if mine := []string{gotA, gotB}[i%2]; mine == "" || gotA != "" && gotB != "" {
				t.Errorf("turn %d: replies %q and %q", i, gotA, gotB)
			}
		}
		a.conn.Close()
		b.conn.Close()
	})
}

func TestExclusivelyWaitsForCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestServer(t)
		c := connect(m.server.NewMonitor(MonitorConfig{}))
		c.send(t, `{"execute": "qmp_capabilities"}{"execute": "x-hold"}`)
		synctest.Wait()
		ran := make(chan error, 1)
		go func() { ran <- m.server.Exclusively(t.Context(), func() {}) }()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := m.server.Exclusively(ctx, func() { t.Error("ran") }); err != context.Canceled {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if len(ran) > 0 {
			t.Error("ran beside a command")
		}
		m.hold <- struct{}{}
		if err := <-ran; err != nil {
			t.Error(err)
		}
		m.server.Stop()
		if err := m.server.Exclusively(t.Context(), func() { t.Error("ran") }); err != ErrStopped {
			t.Errorf("got %v", err)
		}
		c.conn.Close()
	})
}
