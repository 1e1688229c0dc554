package links

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

// Secure begins TLS on a channel to addr, where the parameters ask for it. conn
// is closed where that fails.
func (m *Maker) Secure(ctx context.Context, conn channels.Conn, addr channels.Address) (channels.Conn, error) {
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
