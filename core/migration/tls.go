package migration

import (
	"context"
	"errors"

	"qmpmigrate/channels"
	"qmpmigrate/channels/tls"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// errOneWay is TLS on a channel that its peer cannot answer on.
var errOneWay = errors.New("TLS handshake failed: the channel goes one way only")

// secure begins TLS on a channel to addr, where the parameters ask for it. conn
// is closed where that fails.
func (m *Migration) secure(ctx context.Context, conn channels.Conn, addr channels.Address) (channels.Conn, error) {
	o := m.settings.TLS()
	if o.Creds == "" {
		return conn, nil
	}
	creds, err := m.host.TLSCredentials(o.Creds, qapi.QCryptoTLSCredsEndpointClient)
	if err == nil && !conn.TwoWay() {
		err = errOneWay
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	if o.Hostname == "" {
		o.Hostname = addr.Inet.Host
	}
	m.points.tlsOut.start.Tell(trace.Str("hostname", o.Hostname))
	secure, err := wrapped(creds.Client(ctx, conn, o.Hostname))
	m.points.tlsOut.over(err)
	return secure, err
}

// wrapped keeps a nil pointer from looking like a channel.
func wrapped(c *tls.Conn, err error) (channels.Conn, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// secured is secure for the channel that the migration goroutine was given.
func (o *outgoing) secured(conn channels.Conn) (channels.Conn, error) {
	conn, err := o.m.secure(o.ctx, conn, o.addr)
	if o.ctx.Err() != nil && err != nil {
		err = context.Cause(o.ctx)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conn = conn; err != nil {
		o.conn = nil
	}
	return conn, err
}

// bye ends the TLS of lanes that have sent everything: a destination of machine
// type 10.0 or later takes an end without that word for a broken channel, and
// older ones do not mind it.
func (b *bundle) bye() {
	for _, l := range b.all() {
		if t := tls.Of(l); t != nil {
			_ = t.Bye() // a destination that has everything may be gone
		}
	}
}
