package links

import (
	"context"

	"golang.org/x/sync/errgroup"

	"qmpmigrate/channels"
	"qmpmigrate/core/multifd"
	"qmpmigrate/core/trace"
)

// DialLanes connects all lanes at once, behind the main channel, and makes them
// part of its bundle.
func (m *Maker) DialLanes(b *Bundle, addr channels.Address) ([]channels.Conn, error) {
	conns := make([]channels.Conn, m.settings.Lanes())
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	var g errgroup.Group
	for i := range conns {
		g.Go(func() error {
			m.points.lanes.dials.Tell(trace.Int("id", i))
			conn, err := m.Dial(ctx, addr)
			if err == nil {
				m.points.lanes.connected.Tell(trace.Str("ioctype", Kind(conn, addr)), trace.Str("hostname", addr.Inet.Host))
				conns[i] = conn
				defer context.AfterFunc(ctx, func() { conn.Shutdown() })()
				err = multifd.Introduce(conn, i, m.LaneUUID())
			}
			if err != nil {
				m.points.lanes.failed.Tell(trace.Int("id", i), trace.Err("err", err))
				cancel()
			}
			return err
		})
	}
	err := g.Wait()
	if err != nil {
		for _, conn := range conns {
			if conn != nil {
				conn.Close()
			}
		}
		return nil, err
	}
	b.add(conns)
	return conns, nil
}
