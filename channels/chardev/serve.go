package chardev

import (
	"context"
)

// run serves the clients one after the other.
func (d *Device) run(ctx context.Context, handler Handler) {
	for {
		c := d.first
		d.first = nil
		if c == nil {
			var err error
			if c, err = d.source.next(ctx); err != nil {
				return
			}
		}
		d.serve(ctx, c, handler)
	}
}

func (d *Device) serve(ctx context.Context, c *client, handler Handler) {
	d.setCurrent(c)
	defer d.setCurrent(nil)
	conn := c.conn
	if d.log != nil {
		conn = logged(conn, d.log)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })() // ends a read or write that waits
	handler(ctx, conn)
}

func (d *Device) setCurrent(c *client) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.current = c
}

// Cut ends the connection that there is, or the attempt to make one, without asking the peer. A server goes on
// listening.
func (d *Device) Cut() {
	d.mu.Lock()
	c := d.current
	d.mu.Unlock()
	if c == nil {
		if s, ok := d.source.(interface{ cut() }); ok {
			s.cut()
		}
	} else if c.cut != nil {
		c.cut()
	}
}
