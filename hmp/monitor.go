package hmp

import (
	"context"
	"io"
	"sync"

	"qmpmigrate/hmp/readline"
	"qmpmigrate/hmp/syntax"
	"qmpmigrate/qapi/passfd"
)

// Monitor is a place where clients connect, one after the other. What belongs to it outlives a client's session: the
// history, and descriptors that were given names.
type Monitor struct {
	server *Server
	shell  shell
	fds    passfd.Names

	mu      sync.Mutex
	waiting chan struct{} // closed when input is taken again; nil while it is
}

// NewMonitor adds a monitor to the server.
func (s *Server) NewMonitor() *Monitor {
	format := syntax.DefaultFormat()
	m := &Monitor{server: s, shell: shell{history: new(readline.History), format: &format}}
	m.shell.monitor = m
	s.mu.Lock()
	defer s.mu.Unlock()
	s.monitors = append(s.monitors, m)
	return m
}

// ServeConn serves one client, from the banner to the end of the connection, which it closes. It returns nil when the
// client left or ctx was done, and ErrStopped when the server has ended. Further clients of the same monitor must not
// be served at the same time.
func (m *Monitor) ServeConn(ctx context.Context, conn io.ReadWriteCloser) error {
	if err := m.server.begin(); err != nil {
		conn.Close()
		return err
	}
	defer m.server.running.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(m.server.ctx, cancel)()
	defer context.AfterFunc(ctx, func() { conn.Close() })() // ends a read or write that waits

	newSession(m, conn, ctx).run()
	if m.server.ctx.Err() != nil {
		return ErrStopped
	}
	return nil
}
