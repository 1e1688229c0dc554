package migration

import (
	"context"

	"qmpmigrate/channels"
)

// All channels of a migration, the first and those that come beside or after
// it, are made here.

// dial opens a channel to a destination. What is no peer is encrypted later, by
// the migration goroutine: a command must not wait for that.
func (m *Migration) dial(ctx context.Context, addr channels.Address) (channels.Conn, error) {
	if addr.Transport == channels.TransportRDMA {
		return m.dialRDMA(ctx, addr.Inet)
	}
	conn, err := channels.Dial(ctx, addr)
	if err != nil || !addr.Connects() {
		return conn, err
	}
	return m.secure(ctx, conn, addr)
}

// listen waits for sources.
func (m *Migration) listen(ctx context.Context, addr channels.Address) (channels.Listener, error) {
	if addr.Transport == channels.TransportRDMA {
		return m.listenRDMA(ctx, addr)
	}
	return channels.Listen(ctx, addr)
}

// take lets the next channel of a source in. With TLS that is the next whose
// handshake is done, if l is a door.
func (m *Migration) take(ctx context.Context, l channels.Listener) (channels.Conn, error) {
	return l.Accept(ctx)
}
