package object

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"qmpmigrate/qapi"
)

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPSK(t *testing.T) {
	r := newRegistry(t)
	dir := t.TempDir()
	psk := func(more string) string {
		return `{"qom-type": "tls-creds-psk", "id": "p", "dir": "` + dir + `"` + more + `}`
	}
	refuse(t, r, `{"qom-type": "tls-creds-psk", "id": "p"}`, "Missing 'dir' property value")
	refuse(t, r, psk(``), "Unable to access credentials "+dir+"/keys.psk: No such file or directory")
	put(t, dir, "keys.psk", "alice:00\nqemu:009d5638c40fde0c\n")
	refuse(t, r, psk(`, "username": "bob"`), "Username bob not found in PSK file "+dir+"/keys.psk")
	refuse(t, r, psk(`, "username": "alice"`), "Cannot set PSK client credentials: The request is invalid.")
	refuse(t, r, psk(`, "username": "bob", "endpoint": "server"`), "username should not be set when endpoint=server")
	mustAdd(t, r, psk(``))
	p := get[*TLSPSK](t, r, "p")
	if p.Username != "qemu" || len(p.Key) != 8 || p.Key[1] != 0x9d || !p.VerifyPeer {
		t.Errorf("%+v", p)
	}
	if err := p.CheckEndpoint(qapi.QCryptoTLSCredsEndpointServer); err == nil ||
		err.Error() != "Expected TLS credentials for a server endpoint" {
		t.Error(err)
	}
	if c, err := r.TLS("p"); err != nil || c.Creds().Dir != dir {
		t.Error(c, err)
	}
	if _, err := r.TLS("q"); err == nil || err.Error() != "No TLS credentials with id 'q'" {
		t.Error(err)
	}
	mustAdd(t, r, `{"qom-type": "secret", "id": "q", "data": "x"}`)
	if _, err := r.TLS("q"); err == nil || err.Error() != "Object with id 'q' is not TLS credentials" {
		t.Error(err)
	}
	mustAdd(t, r, `{"qom-type": "tls-creds-anon", "id": "a", "endpoint": "server", "dir": "/nonexistent"}`)
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sign makes a certificate of a template, which completes it; by nil, of itself.
func sign(t *testing.T, by *authority, tmpl x509.Certificate) (certPEM, keyPEM string, self *authority) {
	t.Helper()
	tmpl.SerialNumber = big.NewInt(1)
	if tmpl.NotBefore.IsZero() {
		tmpl.NotBefore = time.Now().Add(-time.Hour)
	}
	if tmpl.NotAfter.IsZero() {
		tmpl.NotAfter = time.Now().Add(time.Hour)
	}
	key := newKey(t)
	if by == nil {
		by = &authority{&tmpl, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, &tmpl, by.cert, &key.PublicKey, by.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})), &authority{cert, key}
}

func TestX509(t *testing.T) {
	r := newRegistry(t)
	dir := t.TempDir()
	caTemplate := x509.Certificate{
		Subject: pkix.Name{CommonName: "ca"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caPEM, _, ca := sign(t, nil, caTemplate)
	_, _, stranger := sign(t, nil, caTemplate)
	leaf := x509.Certificate{
		Subject: pkix.Name{CommonName: "s"}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	x := func(more string) string {
		return `{"qom-type": "tls-creds-x509", "id": "x", "dir": "` + dir + `"` + more + `}`
	}
	const server = `, "endpoint": "server"`
	missing := func(name string) string {
		return "Unable to access credentials " + dir + "/" + name + ": No such file or directory"
	}
	refuse(t, r, `{"qom-type": "tls-creds-x509", "id": "x"}`, "Missing 'dir' property value")
	refuse(t, r, x(``), missing("ca-cert.pem"))
	put(t, dir, "ca-cert.pem", "junk")
	refuse(t, r, x(``), "Unable to import CA certificate list "+dir+"/ca-cert.pem")
	put(t, dir, "ca-cert.pem", caPEM)
	refuse(t, r, x(server), missing("server-cert.pem"))
	put(t, dir, "server-cert.pem", "junk")
	refuse(t, r, x(server), missing("server-key.pem"))

	path := dir + "/server-cert.pem"
	for want, c := range map[string]struct {
		by    *authority
		alter func(*x509.Certificate)
	}{
		"The server certificate " + path + " has expired":       {ca, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }},
		"The server certificate " + path + " is not yet active": {ca, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }},
		"The certificate " + path + " basic constraints show a CA, but we need one for a server": {ca, func(c *x509.Certificate) {
			c.IsCA, c.BasicConstraintsValid = true, true
		}},
		"Certificate " + path + " usage does not permit digital signature": {ca, func(c *x509.Certificate) {
			c.KeyUsage = x509.KeyUsageKeyEncipherment
		}},
		"Certificate " + path + " usage does not permit key encipherment": {ca, func(c *x509.Certificate) {
			c.KeyUsage = x509.KeyUsageDigitalSignature
		}},
		"Our own certificate " + path + " failed validation against " + dir + "/ca-cert.pem: " +
			"The certificate hasn't got a known issuer": {stranger, func(*x509.Certificate) {}},
	} {
		tmpl := leaf
		c.alter(&tmpl)
		cert, key, _ := sign(t, c.by, tmpl)
		put(t, dir, "server-cert.pem", cert)
		put(t, dir, "server-key.pem", key)
		refuse(t, r, x(server), want)
	}
	cert, key, _ := sign(t, ca, leaf)
	put(t, dir, "server-cert.pem", cert)
	refuse(t, r, x(server), "Cannot load certificate '"+path+"' & key '"+dir+
		"/server-key.pem': The certificate and the given key do not match.")
	put(t, dir, "server-key.pem", key)
	mustAdd(t, r, x(server))
	got := get[*TLSX509](t, r, "x")
	if got.Certificate == nil || len(got.Authorities) != 1 || got.TypeName() != "tls-creds-x509" {
		t.Errorf("%+v", got)
	}
}
