package object

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
	"time"

	"qmpmigrate/qapi"
)

// check looks whether the certificates can serve at all, before a connection depends on them.
func (f *x509Files) check() error {
	side := "client"
	if f.server {
		side = "server"
	}
	var own *x509.Certificate
	if f.cert != "" {
		list, err := certificates(f.cert)
		if err != nil || len(list) == 0 {
			return qapi.Errorf("Unable to import %s certificate %s: %s", side, f.cert, errBase64)
		}
		own = list[0]
	}
	authorities, err := certificates(f.ca)
	if err != nil || len(authorities) == 0 {
		return qapi.Errorf("Unable to import CA certificate list %s", f.ca)
	}
	if own != nil {
		if err := checkCertificate(own, f.cert, side); err != nil {
			return err
		}
	}
	for _, ca := range authorities {
		if err := checkCertificate(ca, f.ca, "CA"); err != nil {
			return err
		}
	}
	if own == nil {
		return nil
	}
	return checkPair(own, f.cert, authorities, f.ca)
}

// checkCertificate looks at one certificate. side is what it is for: CA, server or client.
func checkCertificate(c *x509.Certificate, path, side string) error {
	ca := side == "CA"
	constrained, _ := extension(c, 19)
	now := time.Now()
	switch {
	case now.After(c.NotAfter):
		return qapi.Errorf("The %s certificate %s has expired", side, path)
	case now.Before(c.NotBefore):
		return qapi.Errorf("The %s certificate %s is not yet active", side, path)
	case constrained && c.IsCA && !ca:
		return qapi.Errorf("The certificate %s basic constraints show a CA, but we need one for a %s", path, side)
	case constrained && !c.IsCA && ca:
		return qapi.Errorf("The certificate %s basic constraints do not show a CA", path)
	case !constrained && ca:
		return qapi.Errorf("The certificate %s is missing basic constraints for a CA", path)
	}
	if err := checkUsage(c, path, ca); err != nil || ca {
		return err
	}
	return checkPurpose(c, path, side)
}

// checkUsage minds what the key may be used for, where that is critical.
func checkUsage(c *x509.Certificate, path string, ca bool) error {
	if _, critical := extension(c, 15); !critical {
		return nil
	}
	switch {
	case ca && c.KeyUsage&x509.KeyUsageCertSign == 0:
		return qapi.Errorf("Certificate %s usage does not permit certificate signing", path)
	case !ca && c.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return qapi.Errorf("Certificate %s usage does not permit digital signature", path)
	case !ca && c.KeyUsage&x509.KeyUsageKeyEncipherment == 0:
		return qapi.Errorf("Certificate %s usage does not permit key encipherment", path)
	}
	return nil
}

// checkPurpose minds which side of a connection may use it, where that is critical.
func checkPurpose(c *x509.Certificate, path, side string) error {
	if _, critical := extension(c, 37); !critical {
		return nil
	}
	want := x509.ExtKeyUsageClientAuth
	if side == "server" {
		want = x509.ExtKeyUsageServerAuth
	}
	if slices.Contains(c.ExtKeyUsage, want) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny) {
		return nil
	}
	return qapi.Errorf("Certificate %s purpose does not allow use with a TLS %s", path, side)
}

// extension looks for one of the standard's extensions, 2.5.29.n.
func extension(c *x509.Certificate, n int) (present, critical bool) {
	for _, e := range c.Extensions {
		if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, n}) {
			return true, e.Critical
		}
	}
	return false, false
}

// checkPair looks whether a certificate comes from one of the authorities.
func checkPair(own *x509.Certificate, path string, authorities []*x509.Certificate, caPath string) error {
	roots := x509.NewCertPool()
	for _, ca := range authorities {
		roots.AddCert(ca)
	}
	_, err := own.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err == nil {
		return nil
	}
	reason := "The certificate is not trusted"
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		reason = "The certificate hasn't got a known issuer"
	}
	return qapi.Errorf("Our own certificate %s failed validation against %s: %s", path, caPath, reason)
}
