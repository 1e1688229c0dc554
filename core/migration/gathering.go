package migration

import (
	"context"
	"slices"
	"sync"

	"qmpmigrate/channels"
	"qmpmigrate/core/trace"
)

// maxStrangers is how many connections may be there, besides those of a
// source, that have not said yet what they are. Whoever has been silent longest
// is sent away for the next one.
const maxStrangers = 64

// gathering brings together the channels of a source that has lanes, in
// whatever order they come. Whoever says nothing holds up nobody else.
type gathering struct {
	in       *incoming
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

// stranger is a connection that has not said yet what it is.
type stranger struct {
	conn     channels.Conn
	peeker   channels.Peeker // nil: what it says cannot be looked at
	first    bool            // of those
	sentAway bool
}

func newGathering(in *incoming, l channels.Listener) *gathering {
	g := &gathering{in: in, listener: l, done: make(chan struct{})}
	g.ctx, g.cancel = context.WithCancel(in.ctx)
	return g
}

// accept lets connections in until the gathering is closed.
func (g *gathering) accept() {
	for {
		conn, err := g.in.m.take(g.ctx, g.listener)
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
func (g *gathering) enter(conn channels.Conn) *stranger {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return nil
	}
	if g.lanes == nil {
		// How many there are may be said until the first one comes.
		g.lanes = make([]channels.Conn, g.in.m.settings.Lanes())
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
func (g *gathering) sendAway(s *stranger) {
	g.leave(s)
	s.sentAway = true
	s.conn.Shutdown()
}

// leave takes s off the strangers. Callers hold mu.
func (g *gathering) leave(s *stranger) {
	g.strangers = slices.DeleteFunc(g.strangers, func(other *stranger) bool { return other == s })
}

// admit finds out what a connection is, and puts it into its place.
func (g *gathering) admit(s *stranger) {
	role, err := g.ask(s)
	if !g.settle(s, role, err) {
		g.turnAway(s.conn)
	}
}

// settle puts s into its place, or ends the gathering for err. It is false for
// a channel that nobody waits for.
func (g *gathering) settle(s *stranger, r role, err error) bool {
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
		g.finish(laneFailure{err})
	case r != roleMain:
		g.in.m.points.lanes.came.Tell(trace.Int("id", int(r)))
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
func (g *gathering) turnAway(conn channels.Conn) {
	conn.Close()
	if g.ctx.Err() == nil {
		g.in.m.host.Report("socket_accept_incoming_migration: Extra incoming migration connection; ignoring")
	}
}

func (g *gathering) end(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.finish(err)
}

// finish ends the wait. Callers hold mu.
func (g *gathering) finish(err error) {
	if g.over {
		return
	}
	g.over, g.err = true, err
	close(g.done)
	for len(g.strangers) > 0 {
		g.sendAway(g.strangers[0])
	}
}

// yank gives the source up, where any of it is there.
func (g *gathering) yank() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.main != nil || g.have > 0 {
		g.finish(errDeaf)
	}
}

func (g *gathering) result() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}

func (g *gathering) mainChannel() channels.Conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.main
}

// close lets nobody in any more. The channels that found their places stay open.
func (g *gathering) close() {
	g.cancel()
	g.listener.Close()
	g.end(context.Canceled)
	g.workers.Wait()
}

// drop is close where nobody needs the channels.
func (g *gathering) drop() {
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
