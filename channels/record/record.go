// Package record wraps a channel and keeps a copy of what passes, for captures.
package record

import (
	"errors"
	"io"
	"sync"

	"qmpmigrate/channels"
)

// Conn is a channel whose bytes are copied while they pass.
type Conn struct {
	channels.Conn
	read, written tap
}

// tap is the copy of one direction.
type tap struct {
	mu  sync.Mutex
	dst io.Writer
	err error
}

// Wrap records what is read from c and what is written to it; a nil writer keeps nothing. Each writer is used by one
// goroutine at a time, unless both are the same one, which must then be safe for two. A copy that fails does not
// disturb the channel: the recording of that direction ends there, and Err and Close tell.
func Wrap(c channels.Conn, read, written io.Writer) *Conn {
	return &Conn{Conn: c, read: tap{dst: read}, written: tap{dst: written}}
}

// Read copies what came.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.one(p, n)
	return n, err
}

// ReadVec copies what came.
func (c *Conn) ReadVec(iov [][]byte) (int, error) {
	n, err := c.Conn.ReadVec(iov)
	c.read.vec(iov, int64(n))
	return n, err
}

// Write copies what was taken, which after an error may be less than p.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.written.one(p, n)
	return n, err
}

// WriteVec copies what was taken, which after an error may be less than iov.
func (c *Conn) WriteVec(iov [][]byte) (int64, error) {
	n, err := c.Conn.WriteVec(iov)
	c.written.vec(iov, n)
	return n, err
}

// Err returns the first failure of each copy, nil if both are complete so far.
func (c *Conn) Err() error {
	return errors.Join(c.read.failure(), c.written.failure())
}

// Close closes the channel, not the writers.
func (c *Conn) Close() error {
	return errors.Join(c.Conn.Close(), c.Err())
}

func (t *tap) one(p []byte, n int) {
	if t.dst == nil || n == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(p[:n])
}

func (t *tap) vec(iov [][]byte, n int64) {
	if t.dst == nil || n == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, b := range iov {
		b = b[:min(int64(len(b)), n)]
		t.add(b)
		if n -= int64(len(b)); n == 0 {
			return
		}
	}
}

func (t *tap) add(p []byte) {
	if t.err == nil && len(p) > 0 {
		_, t.err = t.dst.Write(p)
	}
}

func (t *tap) failure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}
