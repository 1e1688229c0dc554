// Package tlstest makes certificates and keys for tests, in the files in which QEMU looks for them.
package tlstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
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
}

// Pair is a certificate with its key.
type Pair struct {
	Cert *x509.Certificate
	Key  *ecdsa.PrivateKey
}

// NewAuthority makes one that is its own.
func NewAuthority(t testing.TB, name string) *Authority {
	t.Helper()
	a := &Authority{}
	a.pair = a.Sign(t, x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	})
	a.Cert = a.pair.Cert
	return a
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
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	by, with := &from, key
	if a.pair != nil {
		by, with = a.pair.Cert, a.pair.Key
	}
	der, err := x509.CreateCertificate(rand.Reader, &from, by, &key.PublicKey, with)
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
func (a *Authority) Revoke(t testing.TB, pairs ...*Pair) *x509.RevocationList {
	t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(time.Hour)}
	for _, p := range pairs {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: p.Cert.SerialNumber, RevocationTime: time.Now().Add(-time.Minute)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, a.Cert, a.pair.Key)
	must(t, err)
	list, err = x509.ParseRevocationList(der)
	must(t, err)
	return list
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
