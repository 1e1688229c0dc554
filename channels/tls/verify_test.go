//go:build !nognutls

package tls

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"testing"
	"time"

	"qmpmigrate/channels/tls/tlstest"
)

// Whether a certificate is for a host is decided as by GnuTLS.
func TestHostnames(t *testing.T) {
	v, a := newPlainVerifier(t), tlstest.NewAuthority(t, "ca")
	for name, c := range map[string]struct {
		common string
		dns    []string
		ips    []net.IP
		usage  []x509.ExtKeyUsage
		yes    []string
		no     []string
	}{
		"names": {common: "common.example", dns: []string{"a.example", "b.example"}, usage: serving(),
			yes: []string{"a.example", "B.EXAMPLE"}, no: []string{"common.example", "example", "x.a.example", "127.0.0.1", "a.example.com", "a.example."}},
		"a star": {common: "c", dns: []string{"*.example.com"}, usage: serving(),
			yes: []string{"a.example.com", "A.Example.Com"}, no: []string{"example.com", "a.b.example.com", "a.example.org"}},
		"a star within": {common: "c", dns: []string{"a*.example.com", "b.*.com"}, usage: serving(),
			no: []string{"ab.example.com", "b.x.com", "b.example.com"}},
		"a star for all": {common: "c", dns: []string{"*", "*.com"}, usage: serving(), no: []string{"a", "example.com", "a.example.com"}},
		"addresses": {common: "127.0.0.1", ips: []net.IP{net.IPv4(10, 0, 0, 1), net.ParseIP("fe80::1")}, usage: serving(),
			yes: []string{"10.0.0.1", "fe80::1", "FE80:0:0::1"}, no: []string{"127.0.0.1", "10.0.0.2", "fe80::2", "a.example"}},
		"an address as a name": {common: "c", dns: []string{"10.0.0.1"}, usage: serving(), no: []string{"10.0.0.1"}},
		"an address and a common name": {common: "a.example", ips: []net.IP{net.IPv4(10, 0, 0, 1)}, usage: serving(),
			yes: []string{"10.0.0.1"}, no: []string{"a.example"}},
		"only a common name": {common: "a.example", usage: serving(), yes: []string{"a.example", "A.example"}, no: []string{"b.example"}},
		"only a common star": {common: "*.example.com", usage: serving(), yes: []string{"a.example.com"},
			no: []string{"example.com", "a.b.example.com"}},
		"only a common address":          {common: "10.0.0.1", usage: serving(), no: []string{"10.0.0.1"}},
		"a common name for any purpose":  {common: "a.example", usage: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, yes: []string{"a.example"}},
		"a common name without purposes": {common: "a.example", yes: []string{"a.example"}},
		"a client's common name":         {common: "a.example", usage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, no: []string{"a.example"}},
		"a client's name": {common: "c", dns: []string{"a.example"}, usage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
			yes: []string{"a.example"}},
	} {
		cert := a.Sign(t, x509.Certificate{Subject: pkix.Name{CommonName: c.common}, DNSNames: c.dns, IPAddresses: c.ips, ExtKeyUsage: c.usage}).Cert
		for want, list := range map[bool][]string{true: c.yes, false: c.no} {
			for _, host := range list {
				err := checkHostname(cert, host)
				if plain := v.hostname(t, cert, host); plain != want {
					t.Errorf("%s, %s: GnuTLS says %v", name, host, plain)
				}
				if (err == nil) != want {
					t.Errorf("%s, %s: %v", name, host, err)
				}
				if err != nil && err.Error() != "Certificate does not match the hostname "+host {
					t.Errorf("%s, %s: %v", name, host, err)
				}
			}
		}
	}
	if err := checkHostname(a.Cert, ""); err == nil || err.Error() != "No hostname for certificate validation" {
		t.Error(err)
	}
}

func serving() []x509.ExtKeyUsage { return []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }

// Whether a certificate counts is decided, and told, as by QEMU.
func TestCertificatesThatDoNotCount(t *testing.T) {
	v := newPlainVerifier(t)
	a, stranger := tlstest.NewAuthority(t, "ca"), tlstest.NewAuthority(t, "stranger")
	namesake := tlstest.NewAuthority(t, "ca")
	old, later := tlstest.Host("old"), tlstest.Host("later")
	old.NotBefore, old.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	later.NotBefore, later.NotAfter = time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	sign := func(by *tlstest.Authority, from x509.Certificate) []*x509.Certificate {
		return []*x509.Certificate{by.Sign(t, from).Cert}
	}
	good, other, expired := sign(a, tlstest.Host("good")), sign(a, tlstest.Host("other")), sign(a, old)
	between := a.Below(t, "between")
	below := []*x509.Certificate{between.Sign(t, tlstest.Host("below")).Cert, between.Cert}
	spent := tlstest.NewAuthorityFor(t, "spent", time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour))
	young := tlstest.NewAuthorityFor(t, "young", time.Now().Add(time.Hour), time.Now().Add(2*time.Hour))
	list := func(of *tlstest.Authority, certs ...*x509.Certificate) []byte { return of.Revoke(t, certs...).Raw }
	now, hour := time.Now(), time.Hour
	past := func(certs ...*x509.Certificate) []byte {
		return a.RevokeFor(t, now.Add(-2*hour), now.Add(-hour), certs...).Raw
	}
	forged := a.Revoke(t, good[0]).Raw
	forged[len(forged)-1] ^= 1
	for name, c := range map[string]struct {
		authority *tlstest.Authority
		sent      []*x509.Certificate
		revoked   [][]byte
		want      error
	}{
		"good":                      {a, good, nil, nil},
		"by a stranger":             {stranger, good, nil, errIssuer},
		"by a namesake":             {namesake, good, nil, errIssuer},
		"expired":                   {a, expired, nil, errUntrusted},
		"not yet valid":             {a, sign(a, later), nil, errUntrusted},
		"of an expired authority":   {spent, sign(spent, tlstest.Host("x")), nil, errUntrusted},
		"of a future authority":     {young, sign(young, tlstest.Host("x")), nil, errUntrusted},
		"with one between":          {a, below, nil, nil},
		"without the one between":   {a, below[:1], nil, errIssuer},
		"revoked":                   {a, good, [][]byte{list(a, good[0])}, errRevoked},
		"another is revoked":        {a, good, [][]byte{list(a, other[0])}, nil},
		"nothing is revoked":        {a, good, [][]byte{list(a)}, nil},
		"revoked by the second":     {a, good, [][]byte{list(stranger), list(a, good[0])}, errRevoked},
		"revoked by a stranger":     {a, good, [][]byte{list(stranger, good[0])}, nil},
		"revoked by a namesake":     {a, good, [][]byte{list(namesake, good[0])}, errRevoked},
		"revoked by a forged list":  {a, good, [][]byte{forged}, errRevoked},
		"the one between revoked":   {a, below, [][]byte{list(a, between.Cert)}, errRevoked},
		"revoked and expired":       {a, expired, [][]byte{list(a, expired[0])}, errUntrusted},
		"an old list":               {a, good, [][]byte{past()}, nil},
		"an old list that names it": {a, good, [][]byte{past(good[0])}, errRevoked},
		"a list of the future":      {a, good, [][]byte{a.RevokeFor(t, now.Add(hour), now.Add(2*hour)).Raw}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			plain := v.verify(t, text("CERTIFICATE", c.authority.Cert.Raw), text("X509 CRL", c.revoked...), c.sent)
			if plain != c.want {
				t.Errorf("GnuTLS says %v, not %v", plain, c.want)
			}
			x := &X509{Authorities: []*x509.Certificate{c.authority.Cert}}
			for _, der := range c.revoked {
				l, err := x509.ParseRevocationList(der)
				if err != nil {
					t.Fatal(err)
				}
				x.Revoked = append(x.Revoked, l)
			}
			if err := x.verify(c.sent); err != c.want {
				t.Errorf("%v, not %v", err, c.want)
			}
		})
	}
}
