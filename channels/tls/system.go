package tls

import (
	"context"
	"errors"
	"io"
	"os"

	"qmpmigrate/channels"
	"qmpmigrate/channels/tls/gnutls"
)

// PSK are credentials that are a key which both ends know.
type PSK struct {
	Username string // who a client is
	Key      []byte // a client's
	File     string // where a server looks keys up
	Exchange string // a server's file of parameters for the exchange of keys; "" for none
	Priority string // in the language of GnuTLS; "" for the default
}

// Client is Credentials.Client. The key proves who the server is, so that its name does not count.
func (p *PSK) Client(ctx context.Context, conn channels.Conn, _ string) (*Conn, error) {
	return begin(ctx, conn, false, p.Priority, func(l *gnutls.Library) (*gnutls.Credentials, error) {
		return l.PSKClient(p.Username, p.Key)
	})
}

// Server is Credentials.Server. A client has no name.
func (p *PSK) Server(ctx context.Context, conn channels.Conn, _ func(string) error) (*Conn, error) {
	return begin(ctx, conn, true, p.Priority, func(l *gnutls.Library) (*gnutls.Credentials, error) {
		params, err := exchange(p.Exchange)
		if err != nil {
			return nil, err
		}
		return l.PSKServer(p.File, params)
	})
}

// Anon are credentials that prove nothing: they keep out who only listens.
type Anon struct {
	Exchange string // as PSK's
	Priority string // as PSK's
}

// Client is Credentials.Client. Nothing proves who the server is.
func (a *Anon) Client(ctx context.Context, conn channels.Conn, _ string) (*Conn, error) {
	return begin(ctx, conn, false, a.Priority, (*gnutls.Library).AnonClient)
}

// Server is Credentials.Server. A client has no name.
func (a *Anon) Server(ctx context.Context, conn channels.Conn, _ func(string) error) (*Conn, error) {
	return begin(ctx, conn, true, a.Priority, func(l *gnutls.Library) (*gnutls.Credentials, error) {
		params, err := exchange(a.Exchange)
		if err != nil {
			return nil, err
		}
		return l.AnonServer(params)
	})
}

// exchange reads a file of parameters, where there is one.
func exchange(file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	return os.ReadFile(file)
}

// begin begins a session of GnuTLS.
func begin(ctx context.Context, conn channels.Conn, server bool, priority string,
	credentials func(*gnutls.Library) (*gnutls.Credentials, error)) (*Conn, error) {
	wire := newTransport(conn)
	s, err := newSystem(wire, server, priority, credentials)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return shake(ctx, newConn(wire, s), func() error { return nil })
}

// system is a session of the system's GnuTLS.
type system struct {
	wire    *transport
	session *gnutls.Session
}

func newSystem(wire *transport, server bool, priority string,
	credentials func(*gnutls.Library) (*gnutls.Credentials, error)) (*system, error) {
	library, err := gnutls.Load()
	if err != nil {
		return nil, err
	}
	creds, err := credentials(library)
	if err != nil {
		return nil, err
	}
	make := library.Client
	if server {
		make = library.Server
	}
	s := &system{wire: wire}
	s.session, err = make(creds, priority, s)
	return s, err
}

// Pull gives GnuTLS what is there.
func (s *system) Pull(p []byte) int { return s.wire.take(p) }

// Push takes what GnuTLS sends.
func (s *system) Push(p []byte) error {
	_, err := s.wire.Write(p)
	return err
}

func (s *system) handshake() error {
	for {
		err := s.session.Handshake()
		if !errors.Is(err, gnutls.ErrAgain) {
			return err
		}
		if err := s.wire.await(); err != nil {
			return err
		}
	}
}

func (s *system) read(p []byte, wait bool) (int, error) {
	for {
		n, err := s.session.Receive(p)
		switch {
		case err == nil && n == 0:
			return 0, io.EOF
		case !errors.Is(err, gnutls.ErrAgain):
			return n, err
		case !wait:
			return 0, errAgain
		}
		// Waiting is done here, not in the call from C: that would hold a thread.
		if err := s.wire.await(); err != nil {
			return 0, err
		}
	}
}

func (s *system) write(p []byte) (int, error) {
	for done := 0; ; {
		n, err := s.session.Send(p[done:])
		if done += n; done == len(p) || err != nil && !errors.Is(err, gnutls.ErrAgain) {
			return done, err
		}
	}
}

func (s *system) bye() error { return s.session.Bye() }
func (s *system) free()      { s.session.Close() }
