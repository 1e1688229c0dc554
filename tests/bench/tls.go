package main

import (
	"context"
	"path/filepath"

	"qmpmigrate/tests/emulator"
)

// tls moves memory over connections that are encrypted, with certificates of both ends.
func (s settings) tls(ctx context.Context, dir string) (table, error) {
	certificates := filepath.Join(dir, "certificates")
	if err := makeCertificates(certificates); err != nil {
		return table{}, err
	}
	one := way{parameters: map[string]any{}}
	two := laneWay(2, nil)
	prepare := withCredentials(certificates)
	for _, w := range []*way{&one, &two} {
		w.parameters["tls-creds"], w.parameters["tls-hostname"] = credentials, serverName
		w.prepare = prepare
	}
	return s.moves(ctx, dir, noisy(), s.size/2, []string{"x509 over tcp", "destination memory"}, []moving{
		{head: []string{"one channel", "preallocated"}, channel: emulator.TCP(), way: one, ready: true},
		{head: []string{"2 lanes", "preallocated"}, channel: emulator.TCP(), way: two, ready: true}})
}

const credentials = "tls0" // the object's id

// withCredentials makes the object on each end, where it is not there yet.
func withCredentials(dir string) func(context.Context, *emulator.Emulator, bool) error {
	ready := map[*emulator.Emulator]bool{}
	return func(ctx context.Context, e *emulator.Emulator, source bool) error {
		if ready[e] {
			return nil
		}
		endpoint := "server"
		if source {
			endpoint = "client"
		}
		ready[e] = true
		return e.Execute(ctx, "object-add", map[string]any{"qom-type": "tls-creds-x509", "id": credentials,
			"dir": dir, "endpoint": endpoint, "verify-peer": true}, nil)
	}
}
