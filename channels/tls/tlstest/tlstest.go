// Package tlstest makes certificates and keys for tests, in the files in which QEMU looks for them.
package tlstest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority signs certificates.
type Authority struct {
	Cert *x509.Certificate
	pair *Pair
	last int64
	key  func() (crypto.Signer, error)
}

// Pair is a certificate with its key.
type Pair struct {
	Cert *x509.Certificate
	Key  crypto.Signer
}

// NewAuthority makes one that is its own.
func NewAuthority(t testing.TB, name string) *Authority {
	t.Helper()
	return NewAuthorityFor(t, name, time.Time{}, time.Time{})
}

// NewAuthorityFor makes one for a time; zero is an hour from now, in either direction.
func NewAuthorityFor(t testing.TB, name string, from, to time.Time) *Authority {
	t.Helper()
	return (&Authority{key: newKey}).authority(t, name, from, to)
}

// NewRSAAuthority makes one all of whose keys are RSA, as those of certtool and of openssl are unless told otherwise. It is
// one key, for they take long to make.
func NewRSAAuthority(t testing.TB, name string) *Authority {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	a := &Authority{key: func() (crypto.Signer, error) { return key, nil }}
	return a.authority(t, name, time.Time{}, time.Time{})
}

func newKey() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// Below makes one that this one stands for.
func (a *Authority) Below(t testing.TB, name string) *Authority {
	t.Helper()
	return a.authority(t, name, time.Time{}, time.Time{})
}

func (a *Authority) authority(t testing.TB, name string, from, to time.Time) *Authority {
	t.Helper()
	pair := a.Sign(t, x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	})
	return &Authority{Cert: pair.Cert, pair: pair, last: 1, key: a.key}
}

// Host is a certificate for one end, which serves as both: for localhost and the addresses of this machine.
func Host(name string) x509.Certificate {
	return x509.Certificate{
		Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
}

// Sign makes a certificate of a template, which it completes.
func (a *Authority) Sign(t testing.TB, from x509.Certificate) *Pair {
	t.Helper()
	a.last++
	from.SerialNumber = big.NewInt(a.last)
	if from.NotBefore.IsZero() {
		from.NotBefore = time.Now().Add(-time.Hour)
	}
	if from.NotAfter.IsZero() {
		from.NotAfter = time.Now().Add(time.Hour)
	}
	key, err := a.key()
	must(t, err)
	by, with := &from, key
	if a.pair != nil {
		by, with = a.pair.Cert, a.pair.Key
	}
	der, err := x509.CreateCertificate(rand.Reader, &from, by, key.Public(), with)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	return &Pair{cert, key}
}

// TLS is the pair as the standard library has it.
func (p *Pair) TLS() *tls.Certificate {
	return &tls.Certificate{Certificate: [][]byte{p.Cert.Raw}, PrivateKey: p.Key, Leaf: p.Cert}
}

// Dir writes the files of one end, "server" or "client", and gives their folder. Without a pair there is none.
func (a *Authority) Dir(t testing.TB, end string, pair *Pair) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "ca-cert.pem", "CERTIFICATE", a.Cert.Raw)
	if pair != nil {
		write(t, dir, end+"-cert.pem", "CERTIFICATE", pair.Cert.Raw)
		key, err := x509.MarshalPKCS8PrivateKey(pair.Key)
		must(t, err)
		write(t, dir, end+"-key.pem", "PRIVATE KEY", key)
	}
	return dir
}

// Revoke is a list of certificates that do not count any more.
func (a *Authority) Revoke(t testing.TB, certs ...*x509.Certificate) *x509.RevocationList {
	t.Helper()
	return a.RevokeFor(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour), certs...)
}

// RevokeFor is such a list that is good for a time.
func (a *Authority) RevokeFor(t testing.TB, from, to time.Time, certs ...*x509.Certificate) *x509.RevocationList {
	t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: from, NextUpdate: to}
	for _, c := range certs {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: from})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, a.Cert, a.pair.Key)
	must(t, err)
	list, err = x509.ParseRevocationList(der)
	must(t, err)
	return list
}

// RevokeIn writes such a list to the folder of a server, and gives the folder.
func (a *Authority) RevokeIn(t testing.TB, dir string, certs ...*x509.Certificate) string {
	t.Helper()
	write(t, dir, "ca-crl.pem", "X509 CRL", a.Revoke(t, certs...).Raw)
	return dir
}

// Keys writes a file of keys that both ends know, and gives its folder.
func Keys(t testing.TB, text string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "keys.psk"), []byte(text), 0o600))
	return dir
}

func write(t testing.TB, dir, name, kind string, der []byte) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
