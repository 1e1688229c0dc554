package tls

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"qmpmigrate/channels/tls/gnutls"
)

// preferring makes a session of the system's GnuTLS, which knows what a priority means. Who the peer is, is looked at
// here, as for those of the standard library.
func (x *X509) preferring(wire *transport, server bool) (certified, error) {
	s, err := newSystem(wire, server, x.Priority, func(l *gnutls.Library) (*gnutls.Credentials, error) {
		var authorities, own, key []byte
		for _, c := range x.Authorities {
			authorities = append(authorities, encode("CERTIFICATE", c.Raw)...)
		}
		if x.Certificate != nil {
			for _, der := range x.Certificate.Certificate {
				own = append(own, encode("CERTIFICATE", der)...)
			}
			der, err := x509.MarshalPKCS8PrivateKey(x.Certificate.PrivateKey)
			if err != nil {
				return nil, err
			}
			key = encode("PRIVATE KEY", der)
		}
		params, err := exchange(x.Exchange)
		if err != nil {
			return nil, err
		}
		return l.Certificates(authorities, own, key, params)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func (s *system) peers() ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	for _, der := range s.session.Peers() {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("Cannot import certificate: %w", err)
		}
		list = append(list, c)
	}
	return list, nil
}
