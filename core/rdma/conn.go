package rdma

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// Conn is the channel of a migration over RDMA: a link to the destination, and
// one back where it is wanted. It is a channels.Conn, and more: Source and
// Target.
type Conn struct {
	main   *link
	source bool // this end is
	pinAll bool // all memory is registered at the start
	points *points
	name   string

	mu     sync.Mutex
	back   *link // nil: there is none, or it has not come yet
	shut   bool
	closed bool
	gate   *gate // where the link back comes from; nil at a source

	in      []byte // what is left of the last message
	closing sync.Once
}

var _ channels.Conn = (*Conn)(nil)

// TwoWay says whether there is, or may come, a link back.
func (c *Conn) TwoWay() bool { return !c.source || c.theBack() != nil }

func (c *Conn) String() string { return c.name }

// PinAll says whether both ends agreed to register all memory at the start.
func (c *Conn) PinAll() bool { return c.pinAll }

func (c *Conn) theBack() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.back
}

// ends: out is where stream bytes go, in is where they come from; nil is nowhere.
func (c *Conn) ends() (out, in *link) {
	if c.source {
		return c.main, c.theBack()
	}
	return c.theBack(), c.main
}

// join adds the link back, unless the channel has ended meanwhile.
func (c *Conn) join(l *link) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shut || c.back != nil {
		return false
	}
	c.back = l
	return true
}

// Shutdown ends both links.
func (c *Conn) Shutdown() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shut = true
	if c.closed {
		return nil
	}
	c.main.ep.Shut()
	if c.back != nil {
		c.back.ep.Shut()
	}
	return nil
}

// CloseWrite ends the link that this end sends on, and leaves the other one.
func (c *Conn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	if c.source {
		c.main.ep.Shut()
	} else if c.back != nil {
		c.back.ep.Shut()
	}
	return nil
}

// HungUp says whether the peer has hung up, and nothing of it waits to be read.
func (c *Conn) HungUp() bool {
	_, in := c.ends()
	return in != nil && len(c.in) == 0 && in.ep.Gone()
}

// Await waits until the peer has hung up both links, unless this end is shut or ctx ends.
func (c *Conn) Await(ctx context.Context) {
	for !c.parted() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// parted says whether both links have come to their end. After Shutdown not every
// provider hears of the peer's.
func (c *Conn) parted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shut || c.main.ep.Gone() && (c.back == nil || c.back.ep.Gone())
}

// Close ends both links. A peer hears that this end gave up, where it did so by
// itself.
func (c *Conn) Close() error {
	c.closing.Do(func() {
		c.points.closes.Tell()
		if c.gate != nil {
			c.gate.close()
		}
		c.mu.Lock()
		c.shut, c.closed = true, true
		back := c.back
		c.mu.Unlock()
		c.main.farewell()
		c.main.close()
		if back != nil {
			back.close()
		}
	})
	return nil
}

// Read gives what is left of the last message, or waits for the next.
func (c *Conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	_, in := c.ends()
	if in == nil {
		return 0, errors.New("RDMA control channel input is not set")
	}
	if err := in.use(); err != nil {
		return 0, err
	}
	defer in.done()
	for len(c.in) == 0 {
		_, data, err := in.receive(wire.RDMAFile)
		if err != nil {
			return 0, c.ended(err)
		}
		c.in = data
	}
	if e := c.points.fill; e.On() {
		e.Tell(trace.Int("control_len", len(c.in)), trace.Int("size", len(p)))
	}
	n := copy(p, c.in)
	c.in = c.in[n:]
	return n, nil
}

// ended is what a reader sees of a link that broke: the end, where that is all.
func (c *Conn) ended(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errClosed()
	}
	if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET) {
		return io.EOF
	}
	return err
}

// ReadVec fills the buffers from what Read gives.
func (c *Conn) ReadVec(iov [][]byte) (total int, err error) {
	for i, p := range iov {
		if i == channels.MaxVec || total > 0 && len(c.in) == 0 {
			break
		}
		n, err := c.Read(p)
		total += n
		if err != nil {
			return total, err
		}
		if n < len(p) {
			break
		}
	}
	return total, nil
}

// Write sends p as stream bytes.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.WriteVec([][]byte{p})
	return int(n), err
}

// WriteVec sends all buffers as stream bytes, in messages as large as they may be.
func (c *Conn) WriteVec(iov [][]byte) (sent int64, err error) {
	out, _ := c.ends()
	if out == nil {
		return 0, errors.New("RDMA control channel output is not set")
	}
	if err := out.use(); err != nil {
		return 0, err
	}
	defer out.done()
	room, n := out.room()[:wire.MaxRDMAFile], 0
	for _, p := range iov {
		for len(p) > 0 {
			m := copy(room[n:], p)
			p, n = p[m:], n+m
			if n < len(room) {
				continue
			}
			if err := out.send(wire.RDMAFile, 0, n); err != nil {
				return sent, err
			}
			sent, n = sent+int64(n), 0
		}
	}
	if n > 0 {
		if err := out.send(wire.RDMAFile, 0, n); err != nil {
			return sent, err
		}
		sent += int64(n)
	}
	return sent, nil
}
