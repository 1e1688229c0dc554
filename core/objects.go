package core

import (
	"context"

	"qmpmigrate/channels/tls"
	"qmpmigrate/core/object"
	"qmpmigrate/qapi"
)

// Objects are what users created.
func (m *Machine) Objects() *object.Registry { return m.conf.Objects }

// TLSCredentials are TLS credentials for one end of a channel.
func (m *Machine) TLSCredentials(id string, endpoint qapi.QCryptoTLSCredsEndpoint) (tls.Credentials, error) {
	return m.conf.Objects.TLSCredentials(id, endpoint)
}

// Authorize says why the bearer of a name is not let in by the rules of that id.
func (m *Machine) Authorize(id, name string) error { return m.conf.Objects.Authorize(id, name) }

// ObjectAdd is object-add.
func (m *Machine) ObjectAdd(_ context.Context, args *qapi.ObjectOptions) error {
	return m.conf.Objects.Add(args)
}

// ObjectDel is object-del.
func (m *Machine) ObjectDel(_ context.Context, args *qapi.ObjectDelArgs) error {
	return m.conf.Objects.Del(args.ID)
}

// QueryIothreads is query-iothreads.
func (m *Machine) QueryIothreads(context.Context) ([]qapi.IOThreadInfo, error) {
	list := []qapi.IOThreadInfo{}
	for _, o := range m.conf.Objects.List() {
		if t, ok := o.Object.(*object.IOThread); ok {
			list = append(list, t.Info(o.ID))
		}
	}
	return list, nil
}
