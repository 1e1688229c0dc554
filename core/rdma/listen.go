package rdma

import (
	"context"
	"errors"
	"sync"

	"qmpmigrate/channels"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// Listener waits for a source. The channel that it gives takes the link back at
// the same address, and so keeps it open until it is closed itself.
type Listener struct {
	gate   *gate
	addr   channels.Address
	report func(text string)
}

// gate is where connections come in. Several may keep it open.
type gate struct {
	verbs.Listener
	points  *points
	ctx     context.Context
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu   sync.Mutex
	uses int
}

// Listen waits for a source. report tells people of those that cannot be one;
// events, which may be nil, has the trace events.
func Listen(ctx context.Context, p verbs.Provider, at channels.Address, events *trace.Set, report func(text string)) (*Listener, error) {
	points := newPoints(events)
	points.incoming.Tell()
	l, err := p.Listen(ctx, at.Inet)
	if err != nil {
		return nil, err
	}
	points.incomingInit.Tell()
	points.incomingListen.Tell()
	at.Inet = l.Addr()
	g := &gate{Listener: l, points: points, uses: 1}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	return &Listener{g, at, report}, nil
}

// Accept gives the channel of the next source.
func (l *Listener) Accept(ctx context.Context) (channels.Conn, error) {
	for {
		main, pinAll, err := l.gate.next(ctx, nil)
		if err != nil {
			if !isBad(err) {
				return nil, err
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			l.report("RDMA ERROR: Migration initialization failed: " + err.Error())
			continue
		}
		c := &Conn{main: main, points: l.gate.points, pinAll: pinAll, name: "rdma:" + main.ep.String(), gate: l.gate}
		l.gate.use()
		l.gate.workers.Go(func() { l.gate.takeBack(c) })
		return c, nil
	}
}

// Addr is where the listener is.
func (l *Listener) Addr() channels.Address { return l.addr }

// Close lets no source in any more. Channels go on.
func (l *Listener) Close() error {
	l.gate.close()
	return nil
}

// bad is a request that is none of a source.
type bad struct{ error }

func isBad(err error) bool {
	_, ok := errors.AsType[bad](err)
	return ok
}

// next takes the next connection: a source, or where there is one already its
// link back, which is joined to c before the source can know of it.
func (g *gate) next(ctx context.Context, c *Conn) (l *link, pinAll bool, err error) {
	r, err := g.Next(ctx)
	if err != nil {
		return nil, false, err
	}
	g.points.accept.Tell()
	wants, err := wire.ParseRDMAPrivate(r.Private())
	if err != nil {
		r.Reject()
		return nil, false, bad{err}
	}
	ep, err := r.Endpoint(limits())
	if err != nil {
		return nil, false, bad{err}
	}
	if l, err = newLink(ep, c != nil, g.points); err != nil {
		ep.Close()
		return nil, false, bad{err}
	}
	// The channel may be closed as soon as it has the link: it waits for this.
	_ = l.use()
	if c != nil && !c.join(l) {
		l.done()
		l.close()
		return nil, false, bad{errors.New("one connection too many")}
	}
	// What is not known here is not agreed to.
	wants.Flags &= wire.RDMAPinAll | wire.RDMAReadyBack
	g.points.acceptPinned.Tell(trace.Bool("pin", wants.Flags&wire.RDMAPinAll != 0))
	_, err = ep.Connect(ctx, wants.Append(nil))
	l.done()
	if err != nil {
		if ep.Shut(); c == nil {
			l.close()
		}
		return nil, false, bad{err}
	}
	g.points.accepted.Tell()
	return l, wants.Flags&wire.RDMAPinAll != 0, nil
}

// takeBack takes the source's second connection: the link back. Who comes after
// it is sent away.
func (g *gate) takeBack(c *Conn) {
	for {
		if _, _, err := g.next(g.ctx, c); err != nil && !isBad(err) {
			return
		}
	}
}

func (g *gate) use() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.uses++
}

// close is called once by each user; the last one ends it.
func (g *gate) close() {
	g.mu.Lock()
	g.uses--
	last := g.uses == 0
	g.mu.Unlock()
	if last {
		g.cancel()
		g.Listener.Close()
		g.workers.Wait()
	}
}
