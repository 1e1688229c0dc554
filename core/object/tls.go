package object

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"os"
	"strings"

	"qmpmigrate/core/qom"
	"qmpmigrate/qapi"
)

// TLSCreds are what all kinds of TLS credentials have.
type TLSCreds struct {
	Endpoint   qapi.QCryptoTLSCredsEndpoint
	VerifyPeer bool   // the other side must prove who it is
	Dir        string // of the files; empty for none
	Priority   string // which ciphers, in the language of GnuTLS; empty for the default
}

func credsOf(p *qapi.TlsCredsProperties) TLSCreds {
	return TLSCreds{
		Endpoint:   otherwise(p.Endpoint, qapi.QCryptoTLSCredsEndpointClient),
		VerifyPeer: otherwise(p.VerifyPeer, true),
		Dir:        qom.Text(p.Dir), Priority: qom.Text(p.Priority),
	}
}

func (c *TLSCreds) server() bool { return c.Endpoint == qapi.QCryptoTLSCredsEndpointServer }

// path finds a file of the credentials, "" where it is not there and need not be.
func (c *TLSCreds) path(name string, required bool) (string, error) {
	if c.Dir == "" {
		if required {
			return "", qapi.Errorf("Missing 'dir' property value")
		}
		return "", nil
	}
	path := c.Dir + "/" + name
	if _, err := os.Stat(path); err != nil {
		if os.IsNotExist(err) && !required {
			return "", nil
		}
		return "", failed(err, "Unable to access credentials %s", path)
	}
	return path, nil
}

// Creds are the credentials themselves, whatever their kind.
func (c *TLSCreds) Creds() *TLSCreds { return c }

// CheckEndpoint refuses credentials that are for the other side of a connection.
func (c *TLSCreds) CheckEndpoint(want qapi.QCryptoTLSCredsEndpoint) error {
	if c.Endpoint != want {
		return qapi.Errorf("Expected TLS credentials for a %s endpoint", want)
	}
	return nil
}

// Close does nothing.
func (c *TLSCreds) Close() error { return nil }

// Properties are what was given.
func (c *TLSCreds) Properties() []qom.Property {
	return []qom.Property{
		qom.Fixed("endpoint", "QCryptoTLSCredsEndpoint", string(c.Endpoint)),
		qom.Fixed("dir", "string", c.Dir),
		qom.Fixed("verify-peer", "bool", c.VerifyPeer),
		qom.Fixed("priority", "string", c.Priority),
	}
}

// TLS finds TLS credentials of any kind.
func (r *Registry) TLS(id string) (Credentials, error) {
	o, ok := r.Get(id)
	if !ok {
		return nil, qapi.Errorf("No TLS credentials with id '%s'", id)
	}
	creds, ok := o.(Credentials)
	if !ok {
		return nil, qapi.Errorf("Object with id '%s' is not TLS credentials", id)
	}
	return creds, nil
}

// TLSAnon are credentials that prove nothing.
type TLSAnon struct {
	TLSCreds
	exchange string // a server's file of parameters for the exchange of keys; empty for none
}

func newTLSAnon(p *qapi.TlsCredsAnonProperties) (*TLSAnon, error) {
	t := &TLSAnon{TLSCreds: credsOf((*qapi.TlsCredsProperties)(p))}
	var err error
	if t.server() {
		t.exchange, err = t.path("dh-params.pem", false)
	}
	return t, err
}

// TypeName is tls-creds-anon.
func (t *TLSAnon) TypeName() string { return "tls-creds-anon" }

// TLSPSK are credentials that are a key which both sides know.
type TLSPSK struct {
	TLSCreds
	// Username is who a client is; empty for a server.
	Username string
	// Key is a client's.
	Key []byte
	// File is where a server looks users up.
	File string

	given    *string
	exchange string // as TLSAnon's
}

func newTLSPSK(p *qapi.TlsCredsPskProperties) (*TLSPSK, error) {
	t := &TLSPSK{TLSCreds: credsOf(&qapi.TlsCredsProperties{
		VerifyPeer: p.VerifyPeer, Dir: p.Dir, Endpoint: p.Endpoint, Priority: p.Priority,
	}), given: p.Username}
	var err error
	if t.server() {
		if p.Username != nil {
			return nil, qapi.Errorf("username should not be set when endpoint=server")
		}
		if t.exchange, err = t.path("dh-params.pem", false); err != nil {
			return nil, err
		}
	}
	if t.File, err = t.path("keys.psk", true); err != nil || t.server() {
		return t, err
	}
	t.Username = otherwise(p.Username, "qemu")
	key, err := t.lookup()
	if err != nil {
		return nil, err
	}
	// GnuTLS takes no key of less than four bytes either.
	if t.Key, err = hex.DecodeString(key); err != nil || len(t.Key) < 4 {
		return nil, qapi.Errorf("Cannot set PSK client credentials: The request is invalid.")
	}
	return t, nil
}

// lookup finds the user's key among lines of user:key.
func (t *TLSPSK) lookup() (string, error) {
	text, err := readFile(t.File)
	if err != nil {
		return "", qapi.Errorf("Cannot read PSK file %s: %s", t.File, err)
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, maxFile+1)
	for lines.Scan() {
		if key, ok := strings.CutPrefix(lines.Text(), t.Username+":"); ok {
			return key, nil
		}
	}
	return "", qapi.Errorf("Username %s not found in PSK file %s", t.Username, t.File)
}

// TypeName is tls-creds-psk.
func (t *TLSPSK) TypeName() string { return "tls-creds-psk" }

// Properties are what was given.
func (t *TLSPSK) Properties() []qom.Property {
	return append(t.TLSCreds.Properties(), qom.Fixed("username", "string", qom.Text(t.given)))
}
