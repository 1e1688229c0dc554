package tls_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"qmpmigrate/channels/channelstest"
	"qmpmigrate/channels/tls"
	"qmpmigrate/channels/tls/tlstest"
)

// handshake is what each end says of an attempt.
func handshake(t *testing.T, client, server tls.Credentials, hostname string, admit func(string) error) (out, in error) {
	t.Helper()
	a, b := channelstest.Sockets(t, "tcp:127.0.0.1:0")
	served := make(chan error, 1)
	go func() {
		conn, err := server.Server(context.Background(), b, admit)
		if err == nil {
			_, err = conn.Write([]byte("x"))
			conn.Close()
		}
		served <- err
	}()
	conn, err := client.Client(t.Context(), a, hostname)
	if err == nil {
		p := make([]byte, 1)
		if n, readErr := conn.Read(p); n != 1 {
			err = readErr
		}
		conn.Close()
	}
	return err, <-served
}

const (
	ended   = "TLS handshake failed: " // as GnuTLS sends no alert, a client hears of the end in more than one way
	nothing = "TLS handshake failed: No supported cipher suites have been found."
)

// A priority is what both ends keep to, and one that means nothing is refused.
func TestPriorities(t *testing.T) {
	const new, old = "NORMAL:-VERS-ALL:+VERS-TLS1.3", "NORMAL:-VERS-ALL:+VERS-TLS1.2"
	for name, c := range map[string]struct {
		client, server string
		says, hears    string // of client and server; "" for a session
	}{
		"both":                     {client: "NORMAL", server: "NORMAL"},
		"the client's":             {client: old},
		"the server's":             {server: "SECURE128:%SERVER_PRECEDENCE"},
		"no common version":        {client: old, server: new, says: ended, hears: nothing},
		"no common version, later": {client: new, server: old, says: ended, hears: nothing},
		"no common cipher": {client: old + ":-CIPHER-ALL:+AES-128-GCM", server: old + ":-CIPHER-ALL:+AES-256-GCM",
			says: ended, hears: nothing},
		"too weak a certificate": {server: "SECURE192", says: ended, hears: nothing},
		"one that only we can":   {client: old + ":-CIPHER-ALL:+AES-256-CCM", says: ended, hears: "TLS handshake failed: "},
		"no priority": {client: "NORMAL:+NO-SUCH-THING", hears: ended,
			says: "Cannot set default TLS session priority NORMAL:+NO-SUCH-THING: The request is invalid."},
		"none of a server": {server: "junk", says: ended, hears: "Cannot set default TLS session priority junk: The request is invalid."},
	} {
		t.Run(name, func(t *testing.T) {
			client, server := certificates(t)
			client.Priority, server.Priority = c.client, c.server
			says, hears := handshake(t, client, server, "localhost", nil)
			for want, err := range map[*string]error{&c.says: says, &c.hears: hears} {
				if (*want == "") != (err == nil) || err != nil && !strings.HasPrefix(err.Error(), *want) {
					t.Errorf("%v, not %q", err, *want)
				}
			}
		})
	}
}

// Certificates of RSA are what certtool and openssl make unless they are told otherwise. A client of GnuTLS keeps one to
// itself where the server asks as the standard library does in TLS 1.3.
func TestRSACertificates(t *testing.T) {
	a := tlstest.NewRSAAuthority(t, "ca")
	for _, server := range []string{"", "NORMAL"} {
		for _, client := range []string{"", "NORMAL", "NORMAL:-VERS-ALL:+VERS-TLS1.2"} {
			t.Run(client+" and "+server, func(t *testing.T) {
				c, s := credentials(a, a.Sign(t, tlstest.Host("client"))), credentials(a, a.Sign(t, tlstest.Host("server")))
				c.Priority, s.Priority = client, server
				var who string
				says, hears := handshake(t, c, s, "localhost", func(name string) error { who = name; return nil })
				if says != nil || hears != nil || who != "CN=client" {
					t.Errorf("the client says %v, the server %v, of %q", says, hears, who)
				}
			})
		}
	}
}

// Who the peer is, is looked at whoever makes the session.
func TestPeersThatAreRefused(t *testing.T) {
	a, stranger := tlstest.NewAuthority(t, "ca"), tlstest.NewAuthority(t, "stranger")
	for _, priority := range []string{"", "NORMAL", "NORMAL:-VERS-ALL:+VERS-TLS1.2"} {
		for name, c := range map[string]struct {
			hostname    string
			alter       func(client, server *tls.X509)
			admit       func(string) error
			says, hears string
		}{
			"another host": {hostname: "bad.example", says: "Certificate does not match the hostname bad.example"},
			"no host":      {says: "No hostname for certificate validation"},
			"a stranger": {hostname: "localhost", says: "The certificate hasn't got a known issuer",
				alter: func(c, _ *tls.X509) { c.Authorities = credentials(stranger, nil).Authorities }},
			"nobody": {hostname: "localhost", hears: "Verify failed: No certificate was found.",
				alter: func(c, _ *tls.X509) { c.Certificate = nil }},
			"nobody, which is no matter": {hostname: "localhost",
				alter: func(c, s *tls.X509) { c.Certificate, s.VerifyPeer = nil, false }},
			"somebody with a name": {hostname: "localhost", hears: "not CN=client",
				admit: func(name string) error { return errors.New("not " + name) }},
			"revoked": {hostname: "localhost", hears: "The certificate has been revoked", alter: func(c, s *tls.X509) {
				s.Revoked = append(s.Revoked, a.Revoke(t, c.Certificate.Leaf))
			}},
		} {
			t.Run(name+" "+priority, func(t *testing.T) {
				client, server := credentials(a, a.Sign(t, tlstest.Host("client"))), credentials(a, a.Sign(t, tlstest.Host("server")))
				client.Priority, server.Priority = priority, priority
				if c.alter != nil {
					c.alter(client, server)
				}
				says, hears := handshake(t, client, server, c.hostname, c.admit)
				if c.says != "" && (says == nil || says.Error() != c.says) {
					t.Errorf("the client says %v", says)
				}
				if c.hears != "" && (hears == nil || hears.Error() != c.hears) {
					t.Errorf("the server says %v", hears)
				}
				if c.says+c.hears == "" && (says != nil || hears != nil) {
					t.Error(says, hears)
				}
			})
		}
	}
}
