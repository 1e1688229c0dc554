package tls

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"qmpmigrate/channels"
)

// ahead is how much is read in one call, and gathered for one; few records in a call make the two sides wake each
// other too often. Handshakes, whose peers are strangers, do with less.
const (
	ahead     = 128 << 10
	handshake = 4 << 10
)

// errAgain says that a read would have to wait. It is temporary, in the sense of package net, so that a session goes on
// where it was.
var errAgain net.Error = again{}

type again struct{}

func (again) Error() string   { return "no data yet" }
func (again) Timeout() bool   { return false }
func (again) Temporary() bool { return true }

// transport carries a session's records over a channel. One goroutine reads at a time; any may write.
type transport struct {
	conn channels.Conn

	in    []byte // bytes from to to were read ahead
	from  int
	to    int
	pair  [2][]byte
	wait  bool        // whether a read may wait
	ended atomic.Bool // the channel has ended

	mu     sync.Mutex
	out    []byte
	corked bool
}

func newTransport(conn channels.Conn) *transport {
	return &transport{conn: conn, in: make([]byte, handshake), wait: true}
}

// speed makes room for data, once the peer is no stranger any more.
func (t *transport) speed() {
	in := make([]byte, ahead)
	t.from, t.to = 0, copy(in, t.in[t.from:t.to])
	t.in = in
	t.out = make([]byte, 0, ahead)
}

// Read gives what is there, and waits for it where it may.
func (t *transport) Read(p []byte) (int, error) {
	if t.from == t.to {
		if !t.wait {
			return 0, errAgain
		}
		return t.fill(p)
	}
	return t.take(p), nil
}

// take gives what was read ahead, 0 for nothing.
func (t *transport) take(p []byte) int {
	n := copy(p, t.in[t.from:t.to])
	t.from += n
	return n
}

// await waits until something is there to be taken.
func (t *transport) await() error {
	_, err := t.fill(nil)
	return err
}

// fill reads to p, and what is more to the room for what was read ahead.
func (t *transport) fill(p []byte) (int, error) {
	t.pair = [2][]byte{p, t.in}
	n, err := t.conn.ReadVec(t.pair[:])
	t.pair = [2][]byte{}
	if errors.Is(err, io.EOF) {
		t.ended.Store(true)
	}
	t.from, t.to = 0, max(n-len(p), 0)
	return min(n, len(p)), err
}

// Write writes p, or keeps it until it is flushed.
func (t *transport) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.corked {
		return t.conn.Write(p)
	}
	if len(t.out)+len(p) > cap(t.out) {
		if err := t.send(); err != nil {
			return 0, err
		}
	}
	if len(p) > cap(t.out) {
		return t.conn.Write(p)
	}
	t.out = append(t.out, p...)
	return len(p), nil
}

// cork has what is written held back until flush.
func (t *transport) cork() {
	t.mu.Lock()
	t.corked = t.out != nil
	t.mu.Unlock()
}

func (t *transport) flush() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.corked = false
	return t.send()
}

// send writes what was held back. Callers hold mu.
func (t *transport) send() error {
	if len(t.out) == 0 {
		return nil
	}
	_, err := t.conn.Write(t.out)
	t.out = t.out[:0]
	return err
}

// What package net wants of a connection, and no session here uses: waits are ended by the channel's Shutdown.

func (t *transport) Close() error                     { return t.conn.Shutdown() }
func (t *transport) LocalAddr() net.Addr              { return nil }
func (t *transport) RemoteAddr() net.Addr             { return nil }
func (t *transport) SetDeadline(time.Time) error      { return nil }
func (t *transport) SetReadDeadline(time.Time) error  { return nil }
func (t *transport) SetWriteDeadline(time.Time) error { return nil }
