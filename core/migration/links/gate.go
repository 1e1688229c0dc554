package links

import (
	"sync"

	"qmpmigrate/channels"
)

// Gate is where a destination that is paused in postcopy meets its source again.
type Gate struct {
	mu       sync.Mutex
	open     bool               // somebody waits for the source
	conns    chan channels.Conn // has room for the one that comes
	listener channels.Listener  // the newest, nil before migrate-recover and where that failed
	moved    bool               // migrate-recover was tried
	guards   sync.WaitGroup
}

// Leave closes the listener that there may be.
func (g *Gate) Leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil {
		g.listener.Close()
	}
	g.listener, g.moved = nil, true
}

// Where gives the listener at which the source comes back, or first if nobody was told another.
func (g *Gate) Where(first channels.Listener) channels.Listener {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.moved {
		return g.listener
	}
	return first
}

// Keep lets whoever comes to l in, unless nobody waits for the source any more.
func (g *Gate) Keep(l channels.Listener, accept func(channels.Listener) (channels.Conn, error)) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open {
		return false
	}
	g.listener = l
	g.guards.Go(func() {
		conn, err := accept(l)
		if err == nil && !g.enter(conn, l) {
			conn.Close()
		}
	})
	return true
}

// enter hands a channel, which came to l, to who waits for one.
func (g *Gate) enter(conn channels.Conn, l channels.Listener) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open {
		return false
	}
	g.open = false
	if g.listener != nil && g.listener != l {
		g.listener.Close()
	}
	g.conns <- conn
	return true
}

// Await begins a wait for the source.
func (g *Gate) Await() <-chan channels.Conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = true
	if g.conns == nil {
		g.conns = make(chan channels.Conn, 1)
	}
	return g.conns
}

// Close ends a wait in which nobody came, and what began for it.
func (g *Gate) Close() {
	g.mu.Lock()
	g.open = false
	if g.listener != nil {
		g.listener.Close()
	}
	g.mu.Unlock()
	g.guards.Wait()
	select {
	case conn := <-g.conns:
		conn.Close()
	default:
	}
}
