package tls_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"qmpmigrate/channels"
	"qmpmigrate/channels/channelstest"
	"qmpmigrate/channels/tls"
	"qmpmigrate/channels/tls/tlstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	client, server := certificates(t)
	t.Run("x509 tcp", func(t *testing.T) {
		// The standard library allocates once for each record that it reads; calls of C do more often.
		channelstest.Run(t, channelstest.Kind{Open: over("tcp:127.0.0.1:0", client, server), TwoWay: true, Allocates: true})
	})
	t.Run("key tcp", func(t *testing.T) {
		psk := keys(t)
		channelstest.Run(t, channelstest.Kind{Open: over("tcp:127.0.0.1:0", psk[0], psk[1]), TwoWay: true, Allocates: true})
	})
	t.Run("anonymous tcp", func(t *testing.T) {
		channelstest.Run(t, channelstest.Kind{Open: over("tcp:127.0.0.1:0", &tls.Anon{}, &tls.Anon{}), TwoWay: true, Allocates: true})
	})
}

// certificates are credentials of both ends.
func certificates(t testing.TB) (client, server *tls.X509) {
	a := tlstest.NewAuthority(t, "ca")
	end := func(name string) *tls.X509 { return credentials(a, a.Sign(t, tlstest.Host(name))) }
	return end("client"), end("server")
}

func credentials(a *tlstest.Authority, own *tlstest.Pair) *tls.X509 {
	x := &tls.X509{VerifyPeer: true}
	x.Authorities = append(x.Authorities, a.Cert)
	if own != nil {
		x.Certificate = own.TLS()
	}
	return x
}

// over makes channels inside TLS.
func over(uri string, client, server tls.Credentials) func(testing.TB) (channels.Conn, func() channels.Conn) {
	return func(t testing.TB) (channels.Conn, func() channels.Conn) {
		a, b := channelstest.Sockets(t, uri)
		type result struct {
			conn *tls.Conn
			err  error
		}
		served := make(chan result, 1)
		go func() {
			conn, err := server.Server(context.Background(), b, nil)
			served <- result{conn, err}
		}()
		out, err := client.Client(t.Context(), a, "localhost")
		in := <-served
		if err != nil || in.err != nil {
			t.Fatal(err, in.err)
		}
		return out, func() channels.Conn { return in.conn }
	}
}
