package links

import (
	"context"
	"slices"
	"sync"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/trace"
)

// maxStrangers is how many connections may be there, besides those of a
// source, that have not said yet what they are. Whoever has been silent longest
// is sent away for the next one.
const maxStrangers = 64

// loneTime is how long a main channel may be without a source before its lanes
// are given up.
const loneTime = time.Second

// Gathering brings together the channels of a source that has lanes, in
// whatever order they come. Whoever says nothing holds up nobody else.
type Gathering struct {
	m        *Maker
	listener channels.Listener
	ctx      context.Context
	cancel   context.CancelFunc
	workers  sync.WaitGroup
	done     chan struct{} // closed when all are there, or never will be

	mu        sync.Mutex
	strangers []*stranger
	main      channels.Conn
	lanes     []channels.Conn // from the first connection on; nil where none is yet
	have      int
	ordered   bool // the first one that cannot be looked at has come
	over      bool // done is closed
	err       error
}

// LaneError is what went wrong with a lane, whatever became of the main channel.
type LaneError struct{ Err error }

func (e LaneError) Error() string { return e.Err.Error() }

func (e LaneError) Unwrap() error { return e.Err }

// stranger is a connection that has not said yet what it is.
type stranger struct {
	conn     channels.Conn
	peeker   channels.Peeker // nil: what it says cannot be looked at
	first    bool            // of those
	sentAway bool
}

// Gather brings the channels of one source together, of all that come to l. It
// begins with Bundle.
func (m *Maker) Gather(ctx context.Context, l channels.Listener) *Gathering {
	g := &Gathering{m: m, listener: l, done: make(chan struct{})}
	g.ctx, g.cancel = context.WithCancel(ctx)
	return g
}

// Bundle lets the source's main channel in, and its lanes. Whoever comes after
// them is turned away until the bundle is closed.
func (g *Gathering) Bundle() (*Bundle, error) {
	g.workers.Go(g.accept)
	if err := g.wait(); err != nil {
		g.drop()
		return nil, err
	}
	b := NewBundle(g.main)
	b.add(g.lanes)
	b.before = g.close
	return b, nil
}

// wait returns when all channels are there, or never will be.
func (g *Gathering) wait() error {
	tick := time.NewTicker(hangupTime)
	defer tick.Stop()
	var alone time.Time // when the main channel was seen to be without a source
	for {
		select {
		case <-g.done:
			return g.result()
		case <-g.ctx.Done():
			return context.Cause(g.ctx)
		case now := <-tick.C:
			switch main := g.mainChannel(); {
			case main == nil || !channels.Gone(main):
				alone = time.Time{}
			case alone.IsZero():
				alone = now
			case now.Sub(alone) > loneTime:
				return ErrHungUp
			}
		}
	}
}

// accept lets connections in until the gathering is closed.
func (g *Gathering) accept() {
	for {
		conn, err := g.listener.Accept(g.ctx)
		if err != nil {
			g.end(err)
			return
		}
		if s := g.enter(conn); s != nil {
			g.workers.Go(func() { g.admit(s) })
		} else {
			g.turnAway(conn)
		}
	}
}

// enter makes a stranger of conn, or nil where nobody is waited for any more.
func (g *Gathering) enter(conn channels.Conn) *stranger {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return nil
	}
	if g.lanes == nil {
		// How many there are may be said until the first one comes.
		g.lanes = make([]channels.Conn, g.m.settings.Lanes())
	}
	s := &stranger{conn: conn}
	if s.peeker, _ = conn.(channels.Peeker); s.peeker == nil {
		s.first, g.ordered = !g.ordered, true
	}
	g.strangers = append(g.strangers, s)
	if len(g.strangers) > len(g.lanes)+1+maxStrangers {
		g.sendAway(g.strangers[0])
	}
	return s
}

// sendAway gives up on s. Callers hold mu.
func (g *Gathering) sendAway(s *stranger) {
	g.leave(s)
	s.sentAway = true
	s.conn.Shutdown()
}

// leave takes s off the strangers. Callers hold mu.
func (g *Gathering) leave(s *stranger) {
	g.strangers = slices.DeleteFunc(g.strangers, func(other *stranger) bool { return other == s })
}

// admit finds out what a connection is, and puts it into its place.
func (g *Gathering) admit(s *stranger) {
	role, err := g.ask(s)
	if !g.settle(s, role, err) {
		g.turnAway(s.conn)
	}
}

// settle puts s into its place, or ends the gathering for err. It is false for
// a channel that nobody waits for.
func (g *Gathering) settle(s *stranger, r role, err error) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.leave(s)
	if s.sentAway || g.over {
		return false
	}
	if err == nil && r != roleMain {
		err = errTwice(r, g.lanes)
	}
	switch {
	case err != nil:
		s.conn.Close()
		g.finish(LaneError{err})
	case r != roleMain:
		g.m.points.lanes.came.Tell(trace.Int("id", int(r)))
		g.lanes[r] = s.conn
		g.have++
	case g.main != nil:
		return false
	default:
		g.main = s.conn
	}
	if g.main != nil && g.have == len(g.lanes) {
		g.finish(nil)
	}
	return true
}

// turnAway closes a connection that nobody waits for.
func (g *Gathering) turnAway(conn channels.Conn) {
	conn.Close()
	if g.ctx.Err() == nil {
		g.m.host.Report("socket_accept_incoming_migration: Extra incoming migration connection; ignoring")
	}
}

func (g *Gathering) end(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.finish(err)
}

// finish ends the wait. Callers hold mu.
func (g *Gathering) finish(err error) {
	if g.over {
		return
	}
	g.over, g.err = true, err
	close(g.done)
	for len(g.strangers) > 0 {
		g.sendAway(g.strangers[0])
	}
}

// Yank gives the source up, where any of it is there, also when all of it is.
func (g *Gathering) Yank() {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.over && g.err == nil:
		g.main.Shutdown()
	case g.main != nil || g.have > 0:
		g.finish(ErrHungUp)
	}
}

func (g *Gathering) result() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}

func (g *Gathering) mainChannel() channels.Conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.main
}

// close lets nobody in any more. The channels that found their places stay open.
func (g *Gathering) close() {
	g.cancel()
	g.listener.Close()
	g.end(context.Canceled)
	g.workers.Wait()
}

// drop is close where nobody needs the channels.
func (g *Gathering) drop() {
	g.close()
	if g.main != nil {
		g.main.Close()
	}
	for _, l := range g.lanes {
		if l != nil {
			l.Close()
		}
	}
}
