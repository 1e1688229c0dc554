package chardev

import (
	"context"
	"io"
	"sync"
)

// Writer attaches a front end that only writes, such as a serial port. As with a wire, nobody learns that nobody is at
// the other end; what comes from there is dropped.
func (d *Device) Writer() (io.Writer, error) {
	o := &outlet{device: d, ready: make(chan struct{})}
	o.release = sync.OnceFunc(func() { close(o.ready) })
	d.outlets = append(d.outlets, o)
	return o, d.Attach(Frontend{Serve: o.serve, joins: o.set})
}

type outlet struct {
	device  *Device
	ready   chan struct{} // closed when it is known whether somebody is there from the start
	release func()

	mu   sync.Mutex
	conn io.Writer // nil: nobody is there
}

func (o *outlet) serve(ctx context.Context, conn io.ReadWriteCloser) {
	o.set(conn)
	o.release()
	defer o.set(nil)
	discard(ctx, conn)
	if o.device.stays() {
		<-ctx.Done() // its input has ended, its output has not
	}
}

func (o *outlet) set(conn io.Writer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.conn = conn
}

// Write never fails. It waits for the device to be started, and for a client that does not read.
func (o *outlet) Write(p []byte) (int, error) {
	<-o.ready
	o.mu.Lock()
	conn := o.conn
	o.mu.Unlock()
	if conn != nil {
		_, _ = conn.Write(p)
	} else if log := o.device.log; log != nil {
		log.Write(p)
	}
	return len(p), nil
}

// stays tells whether the end of the input leaves a device usable.
func (d *Device) stays() bool {
	switch d.conf.Backend {
	case Stdio, File, Pipe, Serial, UDP:
		return true
	}
	return false
}
