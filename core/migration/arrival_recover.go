package migration

import (
	"sync"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// gate is where a destination that is paused in postcopy meets its source again.
type gate struct {
	mu       sync.Mutex
	open     bool               // somebody waits for the source
	conns    chan channels.Conn // has room for the one that comes
	listener channels.Listener  // the newest, nil before migrate-recover and where that failed
	moved    bool               // migrate-recover was tried
	guards   sync.WaitGroup
}

// Recover is migrate-recover: it waits anew for the source of a migration that is
// paused in postcopy. It may be called again: the newest address counts.
func (m *Migration) Recover(uri string, files links.Files) error {
	m.commands.Lock()
	defer m.commands.Unlock()
	_, in := m.current()
	if in == nil || !in.paused() {
		return errNotPaused()
	}
	in.gate.leave()
	_, l, err := in.open(&qapi.MigrateIncomingArgs{URI: &uri}, files)
	if err != nil {
		return qapi.AsError(err)
	}
	if !in.gate.keep(l, in.accept) {
		l.Close()
		return errNotPaused()
	}
	return nil
}

func errNotPaused() error {
	return qapi.Errorf("Migrate recover can only be run when postcopy is paused.")
}

func (in *incoming) paused() bool {
	status, _ := in.state()
	return status == qapi.MigrationStatusPostcopyPaused
}

// leave closes the listener that there may be.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil {
		g.listener.Close()
	}
	g.listener, g.moved = nil, true
}

// where gives the listener at which the source comes back, or first if nobody was told another.
func (g *gate) where(first channels.Listener) channels.Listener {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.moved {
		return g.listener
	}
	return first
}

// keep lets whoever comes to l in, unless nobody waits for the source any more.
func (g *gate) keep(l channels.Listener, accept func(channels.Listener) (channels.Conn, error)) bool {
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
func (g *gate) enter(conn channels.Conn, l channels.Listener) bool {
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

// await begins a wait for the source.
func (g *gate) await() <-chan channels.Conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = true
	if g.conns == nil {
		g.conns = make(chan channels.Conn, 1)
	}
	return g.conns
}

// close ends a wait in which nobody came, and what began for it.
func (g *gate) close() {
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

// pause keeps all that is here until the source is there again, after err cut it
// off. It says false where there is nothing to wait for: the VM is given up.
func (a *arrival) pause(err error) bool {
	if !a.follows || !a.lives() {
		return false
	}
	a.memory.Connect(nil)
	a.in.drop()
	a.main.Reset()
	host := a.in.m.host
	host.Report(err.Error())
	came := a.in.gate.await()
	a.in.advance(states.TargetLost)
	a.in.m.points.arrival.pause.Tell()
	host.Report("Detected IO failure for postcopy. Migration paused.")
	select {
	case conn := <-came:
		a.reconnect(conn)
		return true
	case <-a.ctx.Done():
		return false
	}
}

// reconnect goes on with a new channel: it has no header, and carries the
// return path from the beginning.
func (a *arrival) reconnect(conn channels.Conn) {
	a.in.setConn(conn)
	a.r = stream.NewReader(conn)
	a.back = &returnPath{out: conn, twoWay: conn.TwoWay(), report: a.in.m.host.Report, devices: a.back.devices,
		said: a.back.said, heard: a.back.heard}
	a.back.open.Store(true)
	a.in.m.points.channelIn.Tell(trace.Str("ioctype", links.Kind(conn, a.in.addr)))
	a.in.advance(states.TargetReconnect)
	a.in.m.points.arrival.continued.Tell()
}
