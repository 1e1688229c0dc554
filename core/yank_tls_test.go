package core

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

// authority makes a folder with the certificate of an authority, which is all that a client needs.
func authority(t *testing.T) (dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(filepath.Join(dir, "ca-cert.pem"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A handshake that the other end does not answer is no different from any other wait.
func TestYankEndsAHandshake(t *testing.T) {
	src := newSide(t, 300, Config{})
	dir, client := authority(t), qapi.QCryptoTLSCredsEndpointClient
	err := src.ObjectAdd(t.Context(), &qapi.ObjectOptions{QomType: qapi.ObjectTypeTLSCredsX509, ID: "tls0",
		TLSCredsX509: &qapi.TlsCredsX509Properties{Dir: &dir, Endpoint: &client}})
	if err != nil {
		t.Fatal(err)
	}
	src.set(t, qapi.MigrateSetParameters{TLSCreds: &qapi.StrOrNull{S: new("tls0")}, TLSHostname: &qapi.StrOrNull{S: new("there")}})
	src.send(t, deaf(t))
	if got := instances(t, src.Machine); got != "migration" {
		t.Errorf("while it waits: %q", got)
	}
	yankMigration(t, src.Machine)
	ranOn(t, src, "the migration was cut off by the command yank")
}
