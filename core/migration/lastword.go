package migration

import (
	"errors"
	"time"

	"qmpmigrate/channels"
)

const (
	// patience is how long a source that was cancelled waits for whether its
	// destination has the VM: a link that lost some packets is silent for seconds.
	patience = 5 * time.Second
	// lastWordTime is how long one waits then that was yanked, or that quits.
	// Whoever yanks is free within a second.
	lastWordTime = 700 * time.Millisecond
	// reasonTime is how long one whose channel broke waits for the reason.
	reasonTime = time.Second
)

// offer is the moment from which on the destination may get everything, and
// run the VM. A migration that was cancelled before does not come so far.
func (o *outgoing) offer() error {
	if o.replies == nil || o.replies.mute {
		return nil
	}
	// A cancel has its whole effect before, or after.
	o.m.steps.Lock()
	defer o.m.steps.Unlock()
	if err := o.ended(); err != nil {
		return err
	}
	o.mu.Lock()
	o.offered = true
	o.mu.Unlock()
	return nil
}

// sever cuts conn off. Once the destination may have everything it is left a
// way to say so: it hears the end of the stream, and decides.
func (o *outgoing) sever(conn channels.Conn) {
	o.mu.Lock()
	offered := o.offered
	o.mu.Unlock()
	if offered {
		channels.CloseWrite(conn)
		return
	}
	conn.Shutdown()
}

// answered waits until the destination has said that the VM is there and
// whole, whatever became of the last bytes (err) or of this migration: what it
// said is the truth.
func (o *outgoing) answered(conn channels.Conn, err error) error {
	r := o.replies
	if r == nil || r.mute && err != nil {
		return err
	}
	r.points.closes.Tell()
	if err == nil {
		select {
		case <-r.done:
		case <-o.ctx.Done():
		}
	}
	o.finish(conn)
	r.points.closed.Tell()
	if r.err == nil {
		o.heard = true
	}
	return r.err
}

// finish waits for the last word, but not for ever.
func (o *outgoing) finish(conn channels.Conn) {
	done := o.replies.done
	select {
	case <-done:
		return
	case <-o.hurried.Done():
		select {
		case <-done:
			return
		case <-time.After(lastWordTime):
		}
	case <-time.After(patience):
	}
	conn.Shutdown()
	<-done
}

// lastWord ends the return path after the stream broke with err, and gives the
// reason: the destination's where it told one.
func (o *outgoing) lastWord(conn channels.Conn, err error) error {
	r := o.replies
	if r == nil || r.mute {
		return err
	}
	r.points.closes.Tell()
	defer r.points.closed.Tell()
	if _, broke := errors.AsType[*channels.Error](err); broke {
		select {
		case <-r.done:
		case <-o.ctx.Done():
		case <-time.After(reasonTime):
		}
	}
	select {
	case <-r.done:
		if r.err != nil {
			err = r.err
		}
	default:
	}
	conn.Shutdown()
	<-r.done
	return err
}
