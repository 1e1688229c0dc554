package soft

import (
	"context"
	"os"
	"sync"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
)

const (
	// maxStrangers is how many may be connected that have not said hello yet.
	maxStrangers = 64
	// helloTime is how long they have for it.
	helloTime = 10 * time.Second
)

// listener hears the hellos of those who connect, each on a goroutine of its
// own: who says nothing holds up nobody else.
type listener struct {
	channels.Listener
	ctx       context.Context // ends with the listener
	cancel    context.CancelFunc
	came      chan *request
	failed    chan error
	workers   sync.WaitGroup
	strangers chan struct{}
}

func newListener(l channels.Listener) *listener {
	n := &listener{Listener: l, came: make(chan *request), failed: make(chan error), strangers: make(chan struct{}, maxStrangers)}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	n.workers.Go(n.accept)
	return n
}

func (n *listener) accept() {
	for {
		conn, err := n.Listener.Accept(n.ctx)
		if n.ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return
		}
		if err != nil {
			select {
			case n.failed <- err:
				continue
			case <-n.ctx.Done():
				return
			}
		}
		select {
		case n.strangers <- struct{}{}:
			n.workers.Go(func() { n.greet(conn) })
		case <-n.ctx.Done():
			conn.Close()
			return
		}
	}
}

func (n *listener) greet(conn channels.Conn) {
	ctx, cancel := context.WithTimeout(n.ctx, helloTime)
	stop := context.AfterFunc(ctx, func() { conn.Shutdown() })
	private, err := hearHello(conn)
	stop()
	cancel()
	<-n.strangers
	if err != nil {
		conn.Close()
		return
	}
	select {
	case n.came <- &request{conn, private}:
	case <-n.ctx.Done():
		conn.Close()
	}
}

func (n *listener) Next(ctx context.Context) (verbs.Request, error) {
	select {
	case r := <-n.came:
		return r, nil
	case err := <-n.failed:
		return nil, err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-n.ctx.Done():
		return nil, &channels.Error{Op: "Unable to accept connection", Err: os.ErrClosed}
	}
}

func (n *listener) Addr() channels.InetAddress { return n.Listener.Addr().Inet }

func (n *listener) Close() error {
	n.cancel()
	err := n.Listener.Close()
	n.workers.Wait()
	return err
}

// request is somebody who said hello.
type request struct {
	conn    channels.Conn
	private []byte
}

func (r *request) Private() []byte { return r.private }

func (r *request) Endpoint(limits verbs.Limits) (verbs.Endpoint, error) {
	return newEndpoint(r.conn, limits, true), nil
}

func (r *request) Reject() {
	// Who is sent away may as well find the end only.
	_ = sayHello(r.conn, refuses, nil)
	r.conn.Close()
}
