package qmp

import (
	"context"
	"net"
	"time"
)

// Dialer connects to where a client listens, for a monitor that is to come to its client.
type Dialer func(ctx context.Context) (net.Conn, error)

// ServeDial connects and serves. With reconnect 0 it does so once, and a failed connection is its error. Otherwise it
// tries again whenever the connection fails or ends, every reconnect, until ctx is done (nil) or the server has ended
// (ErrStopped).
func (m *Monitor) ServeDial(ctx context.Context, dial Dialer, reconnect time.Duration) error {
	if err := m.server.begin(); err != nil {
		return err
	}
	defer m.server.running.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(m.server.ctx, cancel)()
	for {
		conn, err := dial(ctx)
		if err == nil {
			err = m.serve(ctx, conn)
		}
		switch {
		case m.server.ctx.Err() != nil:
			return ErrStopped
		case ctx.Err() != nil:
			return nil
		case reconnect <= 0:
			return err
		}
		pause(ctx, reconnect)
	}
}
