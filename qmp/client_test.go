package qmp

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"
)

// client is the far end of a connection, in which everything received is collected.
type client struct {
	conn  net.Conn
	ended chan error // what ServeConn returned

	mu       sync.Mutex
	received bytes.Buffer
	eof      bool
}

// connect starts a session over a pipe.
func connect(m *Monitor) *client {
	near, far := net.Pipe()
	c := newClient(far)
	go func() { c.ended <- m.ServeConn(context.Background(), near) }()
	return c
}

func newClient(conn net.Conn) *client {
	c := &client{conn: conn, ended: make(chan error, 1)}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := conn.Read(buf)
			c.mu.Lock()
			c.received.Write(buf[:n])
			c.eof = err != nil
			c.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return c
}

// take returns what came since the last call, and whether the connection has ended.
func (c *client) take() (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.received.String()
	c.received.Reset()
	return got, c.eof
}

func (c *client) send(t testing.TB, text string) {
	if _, err := c.conn.Write([]byte(text)); err != nil {
		t.Errorf("sending %.60q: %v", text, err)
	}
}
