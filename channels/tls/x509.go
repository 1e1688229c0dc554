package tls

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"slices"

	"qmpmigrate/channels"
)

// X509 are credentials that are certificates.
type X509 struct {
	// Authorities are those whose certificates count.
	Authorities []*x509.Certificate
	// Revoked list certificates that do not count any more.
	Revoked []*x509.RevocationList
	// Certificate is this end's own. A client may have none.
	Certificate *tls.Certificate
	// VerifyPeer: the other end must prove who it is.
	VerifyPeer bool
	// Priority says which ciphers and versions may be used, in the language of GnuTLS, whose sessions it makes these.
	// "" is the standard library's choice.
	Priority string
	// Exchange is a server's file of parameters for the exchange of keys, which only a Priority makes use of; "" for none.
	Exchange string
}

// Client is Credentials.Client. The server's certificate must be for hostname.
func (x *X509) Client(ctx context.Context, conn channels.Conn, hostname string) (*Conn, error) {
	wire := newTransport(conn)
	s, err := x.session(wire, false)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return shake(ctx, newConn(wire, s), func() error {
		return x.check(s, func(peer *x509.Certificate) error { return checkHostname(peer, hostname) })
	})
}

// Server is Credentials.Server. The client's name is the subject of its certificate.
func (x *X509) Server(ctx context.Context, conn channels.Conn, admit func(name string) error) (*Conn, error) {
	wire := newTransport(conn)
	s, err := x.session(wire, true)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return shake(ctx, newConn(wire, s), func() error {
		return x.check(s, func(peer *x509.Certificate) error {
			if admit == nil {
				return nil
			}
			return admit(Name(peer.RawSubject))
		})
	})
}

// certified is a session whose ends show certificates.
type certified interface {
	session
	// peers are those that the other end has shown, its own first.
	peers() ([]*x509.Certificate, error)
}

// session is one of GnuTLS where somebody speaks its language.
func (x *X509) session(wire *transport, server bool) (certified, error) {
	if x.Priority != "" {
		return x.preferring(wire, server)
	}
	config := x.config()
	if server {
		config.ClientAuth = tls.RequestClientCert
		config.ClientCAs = x.pool()
		config.GetConfigForClient = x.older(config)
		return &standard{wire: wire, conn: tls.Server(wire, config)}, nil
	}
	return &standard{wire: wire, conn: tls.Client(wire, config)}, nil
}

// config has nobody checked by the library: as with QEMU, handshakes do not fail for who the peer is, and what is wrong
// with that is told afterwards, in QEMU's words.
func (x *X509) config() *tls.Config {
	c := &tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // check verifies
		MinVersion:         tls.VersionTLS12,
		// Nobody comes back to a session, and a ticket that is never read makes the end of its channel a reset.
		SessionTicketsDisabled:      true,
		DynamicRecordSizingDisabled: true,
	}
	if x.Certificate != nil {
		c.Certificates = []tls.Certificate{*x.Certificate}
	}
	return c
}

// askForCertificates is the number of the extension signature_algorithms_cert.
const askForCertificates = 50

// older keeps to TLS 1.2 where the client would not show its certificate else. A server of 1.3 takes signatures of RSA's
// old kind in certificates only, and the standard library says that by an extension of its own; GnuTLS's clients, which do
// not know it, then show no certificate whose authority is RSA, as most are.
func (x *X509) older(config *tls.Config) func(*tls.ClientHelloInfo) (*tls.Config, error) {
	if !slices.ContainsFunc(x.Authorities, func(c *x509.Certificate) bool { return c.PublicKeyAlgorithm == x509.RSA }) {
		return nil
	}
	older := config.Clone()
	older.MaxVersion = tls.VersionTLS12
	return func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if slices.Contains(hello.Extensions, askForCertificates) || !slices.Contains(hello.SupportedVersions, tls.VersionTLS12) {
			return config, nil
		}
		return older, nil
	}
}

func (x *X509) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range x.Authorities {
		pool.AddCert(c)
	}
	return pool
}

// standard is a session of the standard library.
type standard struct {
	wire *transport
	conn *tls.Conn
}

func (s *standard) handshake() error { return s.conn.Handshake() }

func (s *standard) read(p []byte, wait bool) (int, error) {
	s.wire.wait = wait
	return s.conn.Read(p)
}

func (s *standard) write(p []byte) (int, error) { return s.conn.Write(p) }
func (s *standard) bye() error                  { return s.conn.CloseWrite() }
func (s *standard) free()                       {}

func (s *standard) peers() ([]*x509.Certificate, error) {
	return s.conn.ConnectionState().PeerCertificates, nil
}
