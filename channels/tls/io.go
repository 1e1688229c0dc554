package tls

import (
	"errors"
	"syscall"

	"qmpmigrate/channels"
)

// recordSize is the most that a record carries.
const recordSize = 16 << 10

// Read is ReadVec with one buffer.
func (c *Conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c.reading.Lock()
	defer c.reading.Unlock()
	n, err := c.fill(p, true)
	if n > 0 {
		err = nil // it comes again
	}
	return n, err
}

// ReadVec waits for the first record, and takes along those that are there.
func (c *Conn) ReadVec(iov [][]byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	total, buffers := 0, 0
	for _, p := range iov {
		if len(p) == 0 {
			continue
		}
		if buffers++; buffers > channels.MaxVec {
			break
		}
		n, err := c.fill(p, total == 0)
		total += n
		switch {
		case err == nil:
		case total > 0:
			return total, nil // what ended it comes again
		default:
			return 0, err
		}
	}
	return total, nil
}

// fill reads until p is full or there is nothing to be had without waiting. wait allows to wait for the first byte.
func (c *Conn) fill(p []byte, wait bool) (int, error) {
	n := copy(p, c.peeked)
	c.peeked = c.peeked[n:]
	for n < len(p) {
		if c.readErr != nil || c.down.Load() { // what we may have read comes after bytes that Shutdown has dropped
			return n, c.ended(nil)
		}
		got, err := c.session.read(p[n:], wait && n == 0)
		n += got
		switch {
		case err == nil:
		case errors.Is(err, errAgain):
			return n, err
		default:
			return n, c.ended(err)
		}
	}
	return n, nil
}

// Write is WriteVec with one buffer.
func (c *Conn) Write(p []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.wire.cork()
	n, err := c.put(p)
	return int(n), c.finish(err)
}

// WriteVec makes full records of all buffers. After an error the number of bytes counts those that are in records,
// which need not have left.
func (c *Conn) WriteVec(iov [][]byte) (n int64, err error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.wire.cork()
	for _, p := range iov {
		for len(p) > 0 && err == nil {
			var done int64
			if len(c.record) == 0 && len(p) >= recordSize {
				done, err = c.put(p[:len(p)/recordSize*recordSize])
				n += done
			} else {
				done = int64(c.gather(p))
				if len(c.record) == recordSize {
					var put int64
					put, err = c.put(c.record)
					n, c.record = n+put, c.record[:0]
				}
			}
			p = p[done:]
		}
		if err != nil {
			return n, c.finish(err)
		}
	}
	if len(c.record) > 0 {
		var put int64
		put, err = c.put(c.record)
		n, c.record = n+put, c.record[:0]
	}
	return n, c.finish(err)
}

// gather takes what fits into the next record.
func (c *Conn) gather(p []byte) int {
	if c.record == nil {
		c.record = make([]byte, 0, recordSize)
	}
	n := min(len(p), recordSize-len(c.record))
	c.record = append(c.record, p[:n]...)
	return n
}

// put makes records of p.
func (c *Conn) put(p []byte) (int64, error) {
	if c.down.Load() {
		return 0, syscall.EPIPE
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := c.session.write(p)
	return int64(n), err
}

// finish sends what was held back, and words the error.
func (c *Conn) finish(err error) error {
	if flushed := c.wire.flush(); err == nil {
		err = flushed
	}
	switch {
	case err == nil:
		return nil
	case c.down.Load():
		return &channels.Error{Op: "Unable to write to socket", Err: syscall.EPIPE}
	}
	return spoken("Cannot write to TLS channel", err)
}
