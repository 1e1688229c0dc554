package tls

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"qmpmigrate/channels"
)

// session is the protocol itself, over a transport. Its read and write may run at the same time.
type session interface {
	handshake() error
	// read waits for data only if wait says so; otherwise it gives errAgain where there is none yet.
	read(p []byte, wait bool) (int, error)
	// write makes records of p, whose bytes the transport may hold back until it is flushed.
	write(p []byte) (int, error)
	// bye tells the peer that nothing more comes. It does not wait for an answer.
	bye() error
	// free gives the session's memory back. Nothing else is called afterwards.
	free()
}

// Conn is a channel inside TLS.
type Conn struct {
	session session
	wire    *transport
	down    atomic.Bool // Shutdown was called

	reading  sync.Mutex // held while the session reads
	readErr  error      // what ended reading
	peeked   []byte     // was looked at, and is to be read
	cut      atomic.Bool
	writing  sync.Mutex // held while the session writes
	record   []byte     // gathers what is too small for a record of its own
	closing  sync.Once
	closeErr error
}

func newConn(wire *transport, s session) *Conn { return &Conn{session: s, wire: wire} }

// Unwrap is the channel that carries the records.
func (c *Conn) Unwrap() channels.Conn { return c.wire.conn }

// TwoWay is true: there is no TLS in one direction.
func (c *Conn) TwoWay() bool { return c.wire.conn.TwoWay() }

func (c *Conn) String() string { return c.wire.conn.String() }

// HungUp tells, without waiting, whether the peer has hung up. What may still be there to be read is the end of the
// session at most, for a caller who has read all that it waits for.
func (c *Conn) HungUp() bool { return channels.Gone(c.wire.conn) }

// Shutdown ends both directions without another word to the peer, who takes that for a channel that broke.
func (c *Conn) Shutdown() error {
	c.down.Store(true)
	return c.wire.conn.Shutdown()
}

// Close ends the channel without another word to the peer.
func (c *Conn) Close() error {
	c.closing.Do(func() {
		c.closeErr = c.wire.conn.Close() // frees whoever reads or writes
		c.reading.Lock()
		defer c.reading.Unlock()
		c.writing.Lock()
		defer c.writing.Unlock()
		c.session.free()
		c.session = closed{}
	})
	return c.closeErr
}

// Of finds the TLS in a channel that may be wrapped; nil where there is none.
func Of(c channels.Conn) *Conn {
	for {
		if t, ok := c.(*Conn); ok {
			return t
		}
		w, ok := c.(interface{ Unwrap() channels.Conn })
		if !ok {
			return nil
		}
		c = w.Unwrap()
	}
}

// Bye tells the peer that nothing more will be written, so that it can tell this end from a broken channel. It does not
// wait for an answer, and must not be called while somebody writes.
func (c *Conn) Bye() error {
	c.writing.Lock()
	defer c.writing.Unlock()
	err := c.session.bye()
	if err != nil {
		return &channels.Error{Op: "TLS termination failed", Err: err}
	}
	return nil
}

// Cut tells, once reading has ended with io.EOF, that the peer went without the word that ends a session. Somebody else
// may have cut it off.
func (c *Conn) Cut() bool { return c.cut.Load() }

// ended is the error of a read that found no more data.
func (c *Conn) ended(err error) error {
	switch {
	case c.readErr != nil:
		return c.readErr
	case c.down.Load():
		return io.EOF
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		c.cut.Store(c.wire.ended.Load())
		c.readErr = io.EOF
	default:
		c.readErr = spoken("Cannot read from TLS channel", err)
	}
	return c.readErr
}
