package system

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"qmpmigrate/core/rdma/verbs"
)

// endpoint is a reliable connection of the connection manager. Its events have a
// channel of their own, which a goroutine listens to once it is connected.
type endpoint struct {
	lib    *library
	id     uintptr // rdma_cm_id
	verbs  uintptr // ibv_context
	pd, qp uintptr
	ops    *[ops]function // what is inline in C
	events *events
	mem    *scratch
	asked  bool // the peer began
	peer   string
	maxMR  uint64

	queues   [2]queue
	watching sync.WaitGroup

	mu        sync.Mutex
	err       error // why nothing more comes; it stays
	gone      bool  // the peer has hung up
	connected bool  // there is something to be ended
	closed    bool
	regions   map[*region]struct{}
}

// newEndpoint makes what an identifier needs to be connected, which has found
// its device, and whose events come there. They are the endpoint's even where
// that fails.
func newEndpoint(l *library, id uintptr, ev *events, limits verbs.Limits, asked bool) (_ *endpoint, err error) {
	e := &endpoint{lib: l, id: id, events: ev, asked: asked, regions: map[*region]struct{}{}}
	defer func() {
		if err != nil {
			e.Close()
		}
	}()
	if e.verbs = at[cmID](id).verbs; e.verbs == 0 {
		return nil, errors.New("RDMA ERROR: the connection has no device")
	}
	if e.mem, err = newScratch(); err != nil {
		return nil, err
	}
	if err := l.do(l.queryDevice, e.verbs, where(&e.mem.device)); err != nil {
		return nil, fmt.Errorf("RDMA ERROR: the device cannot be asked what it can do: %w", err)
	}
	most := int(e.mem.device.maxWork)
	if most < limits.Receives || most < 1 {
		return nil, fmt.Errorf("RDMA ERROR: the device has room for %d pieces of work", most)
	}
	limits.Sends = min(limits.Sends, most)
	e.maxMR = e.mem.device.maxMR
	if e.pd, err = l.take(l.allocPD, e.verbs); err != nil {
		return nil, fmt.Errorf("failed to allocate protection domain: %w", err)
	}
	for i, of := range []struct {
		limit int
		what  string
	}{{limits.Sends, "send"}, {limits.Receives, "receive"}} {
		if err := e.queues[i].open(e, &e.mem.queues[i], of.limit, of.what); err != nil {
			return nil, err
		}
	}
	e.mem.init = qpInit{sendCQ: e.queues[verbs.SendQueue].cq, recvCQ: e.queues[verbs.ReceiveQueue].cq,
		sends: uint32(limits.Sends), receives: uint32(limits.Receives), sendPieces: 1, recvPieces: 1, kind: reliable}
	if err := l.do(l.createQP, id, e.pd, where(&e.mem.init)); err != nil {
		return nil, fmt.Errorf("rdma migration: error allocating qp!: %w", err)
	}
	e.qp, e.peer = at[cmID](id).qp, at[cmID](id).dst.String()
	e.ops = &at[deviceContext](at[contextual](e.qp).context).ops
	return e, nil
}

// Connect connects, or accepts who asked.
func (e *endpoint) Connect(ctx context.Context, private []byte) (theirs []byte, err error) {
	p := &e.mem.param
	if len(private) > verbs.MaxPrivate {
		return nil, fmt.Errorf("private data of %d bytes", len(private))
	}
	*p = connParam{private: where(&e.mem.private), privateSize: uint8(copy(e.mem.private[:], private))}
	do := e.lib.connect
	if e.asked {
		do, p.responderResources = e.lib.accept, 2
	} else {
		p.initiatorDepth, p.retries = 2, 5
	}
	if err := e.ended(); err != nil {
		return nil, err
	}
	if err := e.lib.do(do, e.id, where(p)); err != nil {
		return nil, err
	}
	came, err := e.events.take(ctx)
	if err != nil {
		if ended := e.ended(); ended != nil && ctx.Err() == nil {
			return nil, ended
		}
		return nil, err
	}
	switch came.kind {
	case established:
	case rejected:
		return nil, verbs.ErrRejected
	default:
		return nil, errors.New(text(e.lib.eventText, int32(came.kind)))
	}
	e.mu.Lock()
	e.connected = true
	err = e.err
	e.mu.Unlock()
	if err != nil { // Shut came before there was anything to be ended
		e.hangUp()
		return nil, err
	}
	theirs = append(theirs, came.said()...)
	e.watching.Go(e.watch)
	return theirs, nil
}

// watch waits for the end.
func (e *endpoint) watch() {
	for {
		came, err := e.events.take(context.Background())
		if err == nil && came.kind != disconnected && came.kind != deviceRemoval {
			continue
		}
		if err == nil {
			e.mu.Lock()
			e.gone = true
			e.mu.Unlock()
		}
		e.end(verbs.ErrGone) // or whatever came before
		e.hangUp()
		return
	}
}

// end says that nothing more comes, and why; the first reason stays.
func (e *endpoint) end(err error) {
	e.mu.Lock()
	if e.err == nil {
		e.err = err
	}
	closed := e.closed
	e.mu.Unlock()
	if closed {
		return
	}
	for i := range e.queues {
		if w := e.queues[i].wait; w != nil {
			w.wake()
		}
	}
}

func (e *endpoint) ended() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// hangUp ends the connection once: what is under way comes back.
func (e *endpoint) hangUp() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.connected && !e.closed {
		e.connected = false
		_ = e.lib.do(e.lib.disconnect, e.id) // the peer may have been first
	}
}

func (e *endpoint) Gone() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.gone
}

// Shut frees everybody.
func (e *endpoint) Shut() {
	e.end(verbs.ErrShut)
	e.hangUp()
	e.events.wait.wake()
}

// Close gives back what there is, in the order that the libraries want.
func (e *endpoint) Close() {
	e.Shut()
	e.watching.Wait()
	e.mu.Lock()
	closed := e.closed
	e.closed = true
	e.mu.Unlock()
	if closed {
		return
	}
	l := e.lib
	if e.qp != 0 {
		l.destroyQP.call(e.id)
	}
	for r := range e.regions {
		_ = l.do(l.deregMR, r.mr) // what is left belongs to the process
	}
	for i := range e.queues {
		e.queues[i].close()
	}
	if e.pd != 0 {
		_ = l.do(l.deallocPD, e.pd) // as above
	}
	_ = l.do(l.destroyID, e.id) // as above
	e.events.close()
	if e.mem != nil {
		e.mem.close()
	}
}

func (e *endpoint) Poll(q verbs.Queue) (verbs.Done, bool) { return e.queues[q].poll() }
func (e *endpoint) Wait(q verbs.Queue) error              { return e.queues[q].await() }

// String names the peer.
func (e *endpoint) String() string { return e.peer }
