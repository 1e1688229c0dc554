package qmp

import (
	"context"
	"errors"
	"io"
	"sync"

	"qmpmigrate/qapi/qobject"
)

var errSlowClient = errors.New("the client does not read what it is sent")

// output is the way to one client. Messages go out whole and in the order of send, which never waits: what the
// connection does not take at once is kept, and written by a goroutine that lives as long as there is something to
// write. An error is kept as well; messages are then dropped.
type output struct {
	conn   io.WriteCloser
	direct *directWriter // nil: the connection cannot be written to without waiting
	pretty bool

	mu       sync.Mutex
	pending  []byte // not yet handed to the connection
	inFlight int    // handed to it and not yet taken
	draining bool
	spare    []byte
	scratch  []byte
	err      error
	changed  chan struct{} // closed when less is waiting; nil while nobody wants to know
	drainer  sync.WaitGroup
}

func newOutput(conn io.WriteCloser, pretty bool) *output {
	return &output{conn: conn, direct: newDirectWriter(conn), pretty: pretty}
}

// send takes one message, compact and ended by CR LF. The slice is not kept.
func (o *output) send(message []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return
	}
	if o.pretty {
		o.scratch = qobject.AppendPrettyLines(o.scratch[:0], message[:len(message)-2], "\r\n")
		o.scratch = append(o.scratch, '\r', '\n')
		message = o.scratch
		o.scratch = trimmed(o.scratch)
	}
	if !o.draining && o.direct != nil {
		n, err := o.direct.write(message)
		if err != nil {
			o.fail(err)
			return
		}
		message = message[n:]
	}
	if len(message) == 0 {
		return
	}
	if len(o.pending)+o.inFlight > maxPending { // what is there counts, so that any single message passes
		o.fail(errSlowClient)
		o.conn.Close()
		return
	}
	o.pending = append(o.pending, message...)
	if !o.draining {
		o.draining = true
		o.drainer.Go(o.drain)
	}
}

// drain writes until nothing is left.
func (o *output) drain() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.pending) > 0 && o.err == nil {
		batch := o.pending
		o.pending, o.inFlight = o.spare[:0], len(batch)
		o.mu.Unlock()
		_, err := o.conn.Write(batch)
		o.mu.Lock()
		o.spare, o.inFlight = trimmed(batch), 0
		if err != nil {
			o.fail(err)
		}
		o.notify()
	}
	o.pending = trimmed(o.pending)
	o.draining = false
}

// wait returns nil when at most limit bytes wait for the client, or nothing can be sent to it any more.
func (o *output) wait(ctx context.Context, limit int) error {
	return o.until(ctx, func() bool { return o.err != nil || len(o.pending)+o.inFlight <= limit })
}

// waitBroken returns nil when nothing can be sent to the client any more.
func (o *output) waitBroken(ctx context.Context) error {
	return o.until(ctx, func() bool { return o.err != nil })
}

func (o *output) until(ctx context.Context, reached func() bool) error {
	for {
		o.mu.Lock()
		if reached() {
			o.mu.Unlock()
			return nil
		}
		if o.changed == nil {
			o.changed = make(chan struct{})
		}
		changed := o.changed
		o.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// end waits for the goroutine that writes, once the connection was closed.
func (o *output) end() {
	o.mu.Lock()
	o.fail(io.ErrClosedPipe)
	o.mu.Unlock()
	o.drainer.Wait()
}

func (o *output) fail(err error) {
	if o.err == nil {
		o.err = err
	}
	o.pending = o.pending[:0]
	o.notify()
}

func (o *output) notify() {
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
}

// trimmed returns b for use as an empty buffer, unless it has become too large to be kept.
func trimmed(b []byte) []byte {
	if cap(b) > keepScratch {
		return nil
	}
	return b[:0]
}
