package object

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"

	"qmpmigrate/core/qom"
	"qmpmigrate/qapi"
)

// TLSX509 are credentials that are certificates.
type TLSX509 struct {
	TLSCreds
	// Authorities are the certificates that the other side's must come from.
	Authorities []*x509.Certificate
	// Revoked are lists of certificates that do not count any more.
	Revoked []*x509.RevocationList
	// Certificate is this side's own; nil for a client that has none.
	Certificate *tls.Certificate

	sanity     bool
	passwordID *string
	exchange   string // as TLSAnon's
}

// maxAuthorities is as many as QEMU reads.
const maxAuthorities = 16

// newTLSX509 reads the files, and checks them. Callers hold mu.
func (r *Registry) newTLSX509(p *qapi.TlsCredsX509Properties) (*TLSX509, error) {
	t := &TLSX509{TLSCreds: credsOf(&qapi.TlsCredsProperties{
		VerifyPeer: p.VerifyPeer, Dir: p.Dir, Endpoint: p.Endpoint, Priority: p.Priority,
	}), sanity: otherwise(p.SanityCheck, true), passwordID: p.Passwordid}
	f, err := t.files()
	if err != nil {
		return nil, err
	}
	if t.sanity {
		if err := f.check(); err != nil {
			return nil, err
		}
	}
	if err := t.load(f); err != nil {
		return nil, err
	}
	return t, r.loadKey(t, f)
}

// x509Files are the paths of the files that are there.
type x509Files struct {
	server             bool
	ca, crl, cert, key string
}

// files finds them in the order in which QEMU misses them.
func (t *TLSX509) files() (x509Files, error) {
	f := x509Files{server: t.server()}
	side := "client"
	if f.server {
		side = "server"
	}
	var err error
	for _, want := range []struct {
		path     *string
		name     string
		required bool
		skip     bool
	}{
		{&f.ca, "ca-cert.pem", true, false},
		{&f.crl, "ca-crl.pem", false, !f.server},
		{&f.cert, side + "-cert.pem", f.server, false},
		{&f.key, side + "-key.pem", f.server, false},
		{&t.exchange, "dh-params.pem", false, !f.server},
	} {
		if want.skip {
			continue
		}
		if *want.path, err = t.path(want.name, want.required); err != nil {
			return f, err
		}
	}
	return f, nil
}

// load reads the authorities, and what they have revoked.
func (t *TLSX509) load(f x509Files) error {
	list, err := certificates(f.ca)
	if err != nil {
		return qapi.Errorf("Cannot load CA certificate '%s': %s", f.ca, errBase64)
	}
	t.Authorities = list
	if f.crl == "" {
		return nil
	}
	text, err := readFile(f.crl)
	if err != nil {
		return qapi.Errorf("Cannot load CRL '%s': %s", f.crl, errFile)
	}
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		list, err := x509.ParseRevocationList(block.Bytes)
		if err != nil {
			return qapi.Errorf("Cannot load CRL '%s': %s", f.crl, err)
		}
		t.Revoked = append(t.Revoked, list)
	}
	if t.Revoked == nil {
		return qapi.Errorf("Cannot load CRL '%s': %s", f.crl, errBase64)
	}
	return nil
}

// loadKey reads this side's certificate and key. Callers hold mu.
func (r *Registry) loadKey(t *TLSX509, f x509Files) error {
	if f.cert == "" || f.key == "" {
		return nil
	}
	var password []byte
	if t.passwordID != nil {
		var err error
		if password, err = r.secret(*t.passwordID); err != nil {
			return err
		}
	}
	pair, err := keyPair(f.cert, f.key, password)
	if err != nil {
		return qapi.Errorf("Cannot load certificate '%s' & key '%s': %s", f.cert, f.key, err)
	}
	t.Certificate = pair
	return nil
}

// TypeName is tls-creds-x509.
func (t *TLSX509) TypeName() string { return "tls-creds-x509" }

// Properties are what was given.
func (t *TLSX509) Properties() []qom.Property {
	return append(t.TLSCreds.Properties(),
		qom.Fixed("sanity-check", "bool", t.sanity),
		qom.Fixed("passwordid", "string", qom.Text(t.passwordID)))
}
