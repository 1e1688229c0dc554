package system

import (
	"context"
	"fmt"
	"math/bits"
	"os"
	"slices"
	"strconv"
	"sync"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
)

// backlog is how many may wait to be let in.
const backlog = 5

// listener takes the requests that come, on a goroutine of its own.
type listener struct {
	lib    *library
	events *events
	id     uintptr
	addr   channels.InetAddress
	ctx    context.Context // ends with the listener
	cancel context.CancelFunc
	came   chan *request
	worker sync.WaitGroup
	once   sync.Once
}

// Listen waits for connections.
func (p Provider) Listen(ctx context.Context, at channels.InetAddress) (verbs.Listener, error) {
	l, err := p.library()
	if err != nil {
		return nil, err
	}
	ev, err := l.newEvents(noEventChannel)
	if err != nil {
		return nil, err
	}
	id, err := l.newID(ev, "RDMA ERROR: could not create cm_id!")
	if err != nil {
		ev.close()
		return nil, err
	}
	if err := l.bind(ctx, ev, id, at); err != nil {
		_ = l.do(l.destroyID, id) // it is nowhere
		ev.close()
		return nil, err
	}
	at.Port = strconv.Itoa(int(bits.ReverseBytes16(uint16(l.srcPort.call(id)))))
	at.HasTo = false
	n := &listener{lib: l, events: ev, id: id, addr: at, came: make(chan *request)}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	n.worker.Go(n.take)
	return n, nil
}

func (l *library) bind(ctx context.Context, ev *events, id uintptr, at channels.InetAddress) error {
	ev.next.on = 1
	if err := l.do(l.setOption, id, optionID, optionReuseAddr, where(&ev.next.on), 4); err != nil {
		return fmt.Errorf("RDMA ERROR: Error: could not set REUSEADDR option: %w", err)
	}
	targets, err := at.Resolve(ctx, true)
	if err != nil {
		return err
	}
	for _, target := range targets {
		ev.next.address = socketAddressOf(target)
		if err = l.do(l.bindAddr, id, where(&ev.next.address)); err == nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("RDMA ERROR: Error: could not rdma_bind_addr!: %w", err)
	}
	if err := l.do(l.listen, id, backlog); err != nil {
		return fmt.Errorf("RDMA ERROR: listening on socket!: %w", err)
	}
	return nil
}

func (n *listener) take() {
	for {
		came, err := n.events.take(n.ctx)
		if err != nil {
			return
		}
		if came.kind != connectRequest {
			continue // of a connection that was never let in
		}
		r := &request{lib: n.lib, id: came.id, private: slices.Clone(came.said())}
		select {
		case n.came <- r:
		case <-n.ctx.Done():
			r.Reject()
			return
		}
	}
}

func (n *listener) Next(ctx context.Context) (verbs.Request, error) {
	select {
	case r := <-n.came:
		return r, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-n.ctx.Done():
		return nil, &channels.Error{Op: "Unable to accept connection", Err: os.ErrClosed}
	}
}

func (n *listener) Addr() channels.InetAddress { return n.addr }

func (n *listener) Close() error {
	var err error
	n.once.Do(func() {
		n.cancel()
		n.worker.Wait()
		// Who came and was not looked at is sent away.
		for n.events.get(0) && n.events.err == nil {
			if came := &n.events.came; came.kind == connectRequest {
				(&request{lib: n.lib, id: came.id}).Reject()
			}
		}
		err = n.lib.do(n.lib.destroyID, n.id)
		n.events.close()
	})
	return err
}

// request is somebody who wants to connect.
type request struct {
	lib     *library
	id      uintptr
	private []byte
}

func (r *request) Private() []byte { return r.private }

// Endpoint moves the events of the connection to a channel of its own.
func (r *request) Endpoint(limits verbs.Limits) (verbs.Endpoint, error) {
	ev, err := r.lib.newEvents(noEventChannel)
	if err != nil {
		r.Reject()
		return nil, err
	}
	if err := r.lib.do(r.lib.migrateID, r.id, ev.handle); err != nil {
		ev.close()
		r.Reject()
		return nil, err
	}
	e, err := newEndpoint(r.lib, r.id, ev, limits, true)
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (r *request) Reject() {
	_ = r.lib.do(r.lib.reject, r.id, 0, 0) // who is sent away may as well find the end only
	_ = r.lib.do(r.lib.destroyID, r.id)
}
