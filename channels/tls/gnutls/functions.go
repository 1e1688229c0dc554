//go:build !nognutls

package gnutls

import (
	"fmt"

	"github.com/ebitengine/purego"
)

// datum is gnutls_datum_t.
type datum struct {
	data *byte
	size uint32
}

// functions are those of the library that are called here. Handles of C are numbers.
type functions struct {
	strerror func(code int32) string

	open       func(session *uintptr, flags uint32) int32
	close      func(session uintptr)
	priority   func(session uintptr, text string, bad *uintptr) int32
	use        func(session uintptr, kind int32, credentials uintptr) int32
	setPointer func(session, id uintptr)
	setPush    func(session, function uintptr)
	setPull    func(session, function uintptr)
	setErrno   func(session, function uintptr)

	request func(session uintptr, how int32)
	peers   func(session uintptr, count *uint32) *datum

	newCertificates  func(credentials *uintptr) int32
	trust            func(credentials uintptr, authorities *datum, format int32) int32
	setKey           func(credentials uintptr, certificate, key *datum, format int32) int32
	certificateDH    func(credentials, params uintptr)
	freeCertificates func(credentials uintptr)

	newPSKClient  func(credentials *uintptr) int32
	setPSKClient  func(credentials uintptr, user string, key *datum, format int32) int32
	freePSKClient func(credentials uintptr)
	newPSKServer  func(credentials *uintptr) int32
	setPSKServer  func(credentials uintptr, file string) int32
	pskServerDH   func(credentials, params uintptr)
	pskKnownDH    func(credentials uintptr, strength int32) int32
	freePSKServer func(credentials uintptr)

	newAnonClient  func(credentials *uintptr) int32
	freeAnonClient func(credentials uintptr)
	newAnonServer  func(credentials *uintptr) int32
	anonServerDH   func(credentials, params uintptr)
	anonKnownDH    func(credentials uintptr, strength int32) int32
	freeAnonServer func(credentials uintptr)

	newDH    func(params *uintptr) int32
	importDH func(params uintptr, text *datum, format int32) int32
	freeDH   func(params uintptr)

	// These are called for each record, and so without a wrapper that allocates.
	handshake, send, receive, bye uintptr
}

// find takes the functions out of the library.
func (f *functions) find(library uintptr) error {
	for name, to := range map[string]any{
		"gnutls_strerror": &f.strerror,

		"gnutls_init": &f.open, "gnutls_deinit": &f.close,
		"gnutls_priority_set_direct": &f.priority, "gnutls_credentials_set": &f.use,
		"gnutls_transport_set_ptr":            &f.setPointer,
		"gnutls_transport_set_push_function":  &f.setPush,
		"gnutls_transport_set_pull_function":  &f.setPull,
		"gnutls_transport_set_errno_function": &f.setErrno,

		"gnutls_certificate_server_set_request": &f.request,
		"gnutls_certificate_get_peers":          &f.peers,

		"gnutls_certificate_allocate_credentials": &f.newCertificates,
		"gnutls_certificate_set_x509_trust_mem":   &f.trust,
		"gnutls_certificate_set_x509_key_mem":     &f.setKey,
		"gnutls_certificate_set_dh_params":        &f.certificateDH,
		"gnutls_certificate_free_credentials":     &f.freeCertificates,

		"gnutls_psk_allocate_client_credentials":  &f.newPSKClient,
		"gnutls_psk_set_client_credentials":       &f.setPSKClient,
		"gnutls_psk_free_client_credentials":      &f.freePSKClient,
		"gnutls_psk_allocate_server_credentials":  &f.newPSKServer,
		"gnutls_psk_set_server_credentials_file":  &f.setPSKServer,
		"gnutls_psk_set_server_dh_params":         &f.pskServerDH,
		"gnutls_psk_set_server_known_dh_params":   &f.pskKnownDH,
		"gnutls_psk_free_server_credentials":      &f.freePSKServer,
		"gnutls_anon_allocate_client_credentials": &f.newAnonClient,
		"gnutls_anon_free_client_credentials":     &f.freeAnonClient,
		"gnutls_anon_allocate_server_credentials": &f.newAnonServer,
		"gnutls_anon_set_server_dh_params":        &f.anonServerDH,
		"gnutls_anon_set_server_known_dh_params":  &f.anonKnownDH,
		"gnutls_anon_free_server_credentials":     &f.freeAnonServer,
		"gnutls_dh_params_init":                   &f.newDH,
		"gnutls_dh_params_import_pkcs3":           &f.importDH,
		"gnutls_dh_params_deinit":                 &f.freeDH,

		"gnutls_handshake":   &f.handshake,
		"gnutls_record_send": &f.send, "gnutls_record_recv": &f.receive, "gnutls_bye": &f.bye,
	} {
		address, err := purego.Dlsym(library, name)
		if err != nil {
			return fmt.Errorf("TLS credentials support requires GNUTLS: %w", err)
		}
		if plain, ok := to.(*uintptr); ok {
			*plain = address
			continue
		}
		purego.RegisterFunc(to, address)
	}
	return nil
}
