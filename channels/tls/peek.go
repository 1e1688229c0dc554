package tls

import (
	"errors"
	"io"
)

// Peek is channels.Peeker's: which channel of a source is done first with its handshake says nothing.
func (c *Conn) Peek(p []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	for len(c.peeked) < len(p) {
		if c.readErr != nil || c.down.Load() {
			return peekEnd(len(c.peeked), c.ended(nil))
		}
		more := make([]byte, len(p)-len(c.peeked))
		n, err := c.session.read(more, true)
		c.peeked = append(c.peeked, more[:n]...)
		if err != nil {
			return peekEnd(len(c.peeked), c.ended(err))
		}
	}
	return copy(p, c.peeked), nil
}

func peekEnd(n int, err error) (int, error) {
	if n > 0 && errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
