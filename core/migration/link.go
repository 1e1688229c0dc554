package migration

import (
	"context"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
)

// A source has a link to its destination: the channel, and the goroutine that
// hears the return path. In postcopy one link may follow another.

// join makes conn the link. The migration goroutine calls it, once connected.
func (o *outgoing) join(conn channels.Conn) {
	o.unhook = context.AfterFunc(o.ctx, func() { o.sever(conn) })
	o.hear(conn)
	if p, ok := conn.(*links.Pair); ok && o.quirks().EarlyPreempt {
		o.bring(p)
	}
}

// unheard says that nobody serves what the destination asks for any more.
func (o *outgoing) unheard() {
	if r := o.replies; r != nil {
		r.deaf.Do(func() { close(r.stop) })
	}
}

// leave gives up the link. It gives the reason why the return path ended, if
// there is one.
func (o *outgoing) leave() error {
	conn := o.channel()
	if conn == nil {
		return nil
	}
	conn.Shutdown()
	o.unhook()
	o.unheard()
	var err error
	if o.replies != nil {
		<-o.replies.done
		err = o.replies.err
	}
	o.mu.Lock()
	o.conn = nil
	o.mu.Unlock()
	conn.Close()
	return err
}

// secured begins TLS on the channel that the migration goroutine was given.
func (o *outgoing) secured(conn channels.Conn) (channels.Conn, error) {
	conn, err := o.m.links.Secure(o.ctx, conn, o.addr)
	if o.ctx.Err() != nil && err != nil {
		err = context.Cause(o.ctx)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conn = conn; err != nil {
		o.conn = nil
	}
	return conn, err
}
