package links

import (
	"context"
	"sync/atomic"

	"qmpmigrate/channels"
	"qmpmigrate/channels/tls"
)

// AcceptPair lets a source in at l that has a second channel, which it connects
// behind the main one; nobody else. l is closed when both are there, or never
// will be. came is told how to give the source up, once anything of it is there, also when it has been let in.
func AcceptPair(ctx context.Context, l channels.Listener, came func(giveUp func())) (*Pair, error) {
	first, err := l.Accept(ctx)
	if err != nil {
		l.Close()
		return nil, err
	}
	if tls.Of(first) != nil {
		return acceptSecured(ctx, l, first, came)
	}
	p := NewPair(first)
	p.Bring(func(ctx context.Context) (channels.Conn, error) {
		defer l.Close()
		return l.Accept(ctx)
	})
	return p, nil
}

// acceptSecured is AcceptPair where first may be either of the two: a client is
// done with its handshake before its server is, and so the second channel's may
// end before the main one's. Nothing is said on the second channel before the
// main one has spoken. Until then l stays open, as whoever closes it gives both up.
func acceptSecured(ctx context.Context, l channels.Listener, first channels.Conn, came func(func())) (*Pair, error) {
	ctx, giveUp := context.WithCancelCause(ctx)
	var in atomic.Pointer[Pair]
	came(func() {
		giveUp(ErrHungUp)
		if p := in.Load(); p != nil {
			p.Shutdown()
		}
	})
	next, over := make(chan accepted, 2), make(chan struct{})
	go func() {
		defer close(over)
		letIn(ctx, l, next)
	}()
	spoke := make(chan channels.Conn, 2)
	go listenTo(first, spoke)
	var second channels.Conn
	for {
		select {
		case main := <-spoke:
			other := second
			if main == second {
				other = first
			}
			p := NewPair(main)
			if in.Store(p); ctx.Err() != nil { // at the same moment
				p.Shutdown()
			}
			p.Bring(func(pair context.Context) (channels.Conn, error) {
				defer func() { <-over }()
				defer giveUp(nil)
				if other != nil {
					return other, nil
				}
				defer context.AfterFunc(pair, func() { giveUp(nil) })()
				got := <-next
				return got.conn, got.err
			})
			return p, nil
		case got := <-next:
			if got.err != nil { // ctx has ended, or l is closed
				giveUp(got.err)
				<-over
				first.Close()
				if second != nil {
					second.Close()
				}
				return nil, context.Cause(ctx)
			}
			second = got.conn
			go listenTo(second, spoke)
		}
	}
}

// letIn gives the one that comes to l, and then the error by which the wait for more
// ends. Whoever else comes is sent away.
func letIn(ctx context.Context, l channels.Listener, next chan<- accepted) {
	defer l.Close()
	for came := false; ; {
		conn, err := l.Accept(ctx)
		switch {
		case err != nil:
			next <- accepted{err: err}
			return
		case came:
			conn.Close()
		default:
			came = true
			next <- accepted{conn: conn}
		}
	}
}

// listenTo tells when something can be read from conn: its first byte, or that there is none.
func listenTo(conn channels.Conn, spoke chan<- channels.Conn) {
	var b [1]byte
	_, _ = tls.Of(conn).Peek(b[:]) // whoever reads sees what is wrong
	spoke <- conn
}
