package qmp

import (
	"context"
	"io"

	"qmpmigrate/qapi/passfd"
)

// MonitorConfig says how a monitor treats its clients.
type MonitorConfig struct {
	// Pretty: messages are written over several lines, with indentation.
	Pretty bool
	// StayOnEOF: a session goes on with events after its input ended, as that of a terminal or pipe must, until its
	// context is done or it cannot write any more. Otherwise the end of the input ends the session.
	StayOnEOF bool
	// NoOOB: out-of-band execution is not offered.
	NoOOB bool
}

// Monitor is a place where clients connect, one after the other. What belongs to it outlives a client's session:
// descriptors that were given names.
type Monitor struct {
	server *Server
	config MonitorConfig
	fds    passfd.Names
}

// NewMonitor adds a monitor to the server.
func (s *Server) NewMonitor(config MonitorConfig) *Monitor {
	m := &Monitor{server: s, config: config}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.monitors = append(s.monitors, m)
	return m
}

// ServeConn serves one client, from the greeting to the end of the connection, which it closes. It returns nil when
// the client left or ctx was done, and ErrStopped when the server has ended. Further clients of the same monitor
// should not be served at the same time.
func (m *Monitor) ServeConn(ctx context.Context, conn io.ReadWriteCloser) error {
	if err := m.server.begin(); err != nil {
		conn.Close()
		return err
	}
	defer m.server.running.Done()
	return m.serve(ctx, conn)
}

func (m *Monitor) serve(ctx context.Context, conn io.ReadWriteCloser) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(m.server.ctx, cancel)()
	defer context.AfterFunc(ctx, func() { conn.Close() })() // ends a read or write that waits

	s := newSession(m, conn, ctx)
	m.server.addSession(s)
	defer m.server.removeSession(s)
	s.run()
	if m.server.ctx.Err() != nil {
		return ErrStopped
	}
	return nil
}
