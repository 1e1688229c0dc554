package object

import (
	"qmpmigrate/channels/tls"
	"qmpmigrate/qapi"
)

// Credentials are TLS credentials of any kind.
type Credentials interface {
	Creds() *TLSCreds
	channel() tls.Credentials
}

// TLSCredentials finds what one end of a channel begins TLS with.
func (r *Registry) TLSCredentials(id string, endpoint qapi.QCryptoTLSCredsEndpoint) (tls.Credentials, error) {
	o, err := r.TLS(id)
	if err != nil {
		return nil, err
	}
	if err := o.Creds().CheckEndpoint(endpoint); err != nil {
		return nil, err
	}
	return o.channel(), nil
}

// Authorize says why the bearer of a name is not let in by the rules of that id.
func (r *Registry) Authorize(id, name string) error {
	o, ok := r.Get(id)
	if !ok {
		return qapi.Errorf("Cannot find QAuthZ object ID %s", id)
	}
	rules, ok := o.(Authorizer)
	if !ok {
		return qapi.Errorf("Object '%s' is not a QAuthZ subclass", id)
	}
	if !rules.IsAllowed(name) {
		return qapi.Errorf("TLS x509 authz check for %s is denied", name)
	}
	return nil
}

func (t *TLSX509) channel() tls.Credentials {
	return &tls.X509{
		Authorities: t.Authorities, Revoked: t.Revoked, Certificate: t.Certificate, VerifyPeer: t.VerifyPeer,
		Priority: t.Priority, Exchange: t.exchange,
	}
}

func (t *TLSAnon) channel() tls.Credentials {
	return &tls.Anon{Exchange: t.exchange, Priority: t.Priority}
}

func (t *TLSPSK) channel() tls.Credentials {
	return &tls.PSK{Username: t.Username, Key: t.Key, File: t.File, Exchange: t.exchange, Priority: t.Priority}
}
