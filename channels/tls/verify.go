package tls

import (
	"crypto/x509"
	"errors"
	"net"
	"slices"
	"strings"

	"qmpmigrate/channels"
)

// Why a peer is not who it should be, in QEMU's words.
var (
	errNobody    = &channels.Error{Op: "Verify failed", Err: errors.New("No certificate was found.")}
	errUntrusted = errors.New("The certificate is not trusted")
	errIssuer    = errors.New("The certificate hasn't got a known issuer")
	errRevoked   = errors.New("The certificate has been revoked")
	errAlgorithm = errors.New("The certificate uses an insecure algorithm")
	errNameless  = errors.New("No hostname for certificate validation")
)

// check verifies the peer's certificate, where it has to be verified, and then who it is.
func (x *X509) check(s certified, who func(*x509.Certificate) error) error {
	if !x.VerifyPeer {
		return nil
	}
	sent, err := s.peers()
	switch {
	case err != nil:
		return err
	case len(sent) == 0:
		return errNobody
	}
	if err := x.verify(sent); err != nil {
		return err
	}
	return who(sent[0])
}

// verify looks for a way from the first certificate to one of the authorities. The purpose of a certificate does not
// count, as it does not for QEMU.
func (x *X509) verify(sent []*x509.Certificate) error {
	between := x509.NewCertPool()
	for _, c := range sent[1:] {
		between.AddCert(c)
	}
	_, err := sent[0].Verify(x509.VerifyOptions{
		Roots: x.pool(), Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, weak := errors.AsType[x509.InsecureAlgorithmError](err)
	switch {
	case weak:
		return errAlgorithm
	case unknown:
		return errIssuer
	case err != nil:
		return errUntrusted
	case slices.ContainsFunc(sent, x.revoked):
		return errRevoked
	}
	return nil
}

func (x *X509) revoked(c *x509.Certificate) bool {
	return slices.ContainsFunc(x.Revoked, func(l *x509.RevocationList) bool {
		return string(c.RawIssuer) == string(l.RawIssuer) &&
			slices.ContainsFunc(l.RevokedCertificateEntries, func(e x509.RevocationListEntry) bool {
				return e.SerialNumber.Cmp(c.SerialNumber) == 0
			})
	})
}

// checkHostname looks whether a certificate is for a host. As for GnuTLS, its common name counts where it has no other
// names, and a star stands for less than the standard library would allow.
func checkHostname(c *x509.Certificate, hostname string) error {
	if hostname == "" {
		return errNameless
	}
	found := false
	if ip := net.ParseIP(hostname); ip != nil {
		found = slices.ContainsFunc(c.IPAddresses, ip.Equal)
	} else {
		names := c.DNSNames
		if len(names) == 0 && len(c.IPAddresses) == 0 && serves(c) {
			names = []string{c.Subject.CommonName}
		}
		found = slices.ContainsFunc(names, func(name string) bool { return matchName(name, hostname) })
	}
	if !found {
		return errors.New("Certificate does not match the hostname " + hostname)
	}
	return nil
}

// serves says whether a certificate is for a server, or for everything.
func serves(c *x509.Certificate) bool {
	return len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0 ||
		slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}

// matchName compares names of hosts. A first label that is a star stands for any label.
func matchName(pattern, hostname string) bool {
	if rest, star := strings.CutPrefix(pattern, "*."); star {
		_, host, found := strings.Cut(hostname, ".")
		return found && strings.Contains(rest, ".") && strings.EqualFold(rest, host)
	}
	return strings.EqualFold(pattern, hostname)
}
