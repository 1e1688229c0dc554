//go:build !nognutls

package tls

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"runtime"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
)

// plainVerifier is what the code here is measured by: what QEMU asks the system's GnuTLS about a peer's certificate.
type plainVerifier struct {
	newCert  func(cert *uintptr) int32
	readCert func(cert uintptr, der *plainDatum, format int32) int32
	forHost  func(cert uintptr, hostname string) uint32
	freeCert func(cert uintptr)

	newList  func(list *uintptr, size uint32) int32
	trust    func(list uintptr, authorities, revoked *plainDatum, format int32, flags, verify uint32) int32
	check    func(list uintptr, certs *uintptr, n uint32, data uintptr, elements, flags uint32, status *uint32, output uintptr) int32
	freeList func(list uintptr, all uint32)
}

type plainDatum struct {
	data *byte
	size uint32
}

func newPlainVerifier(t *testing.T) *plainVerifier {
	t.Helper()
	library, err := purego.Dlopen("libgnutls.so.30", purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		t.Fatal(err)
	}
	v := &plainVerifier{}
	for name, f := range map[string]any{
		"gnutls_x509_crt_init": &v.newCert, "gnutls_x509_crt_import": &v.readCert,
		"gnutls_x509_crt_check_hostname": &v.forHost, "gnutls_x509_crt_deinit": &v.freeCert,
		"gnutls_x509_trust_list_init": &v.newList, "gnutls_x509_trust_list_add_trust_mem": &v.trust,
		"gnutls_x509_trust_list_verify_crt2": &v.check, "gnutls_x509_trust_list_deinit": &v.freeList,
	} {
		purego.RegisterLibFunc(f, library, name)
	}
	return v
}

// at calls f with what C takes for bytes.
func (*plainVerifier) at(p []byte, f func(*plainDatum) int32) int32 {
	if len(p) == 0 {
		return f(nil)
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	d := &plainDatum{unsafe.SliceData(p), uint32(len(p))}
	pin.Pin(d)
	pin.Pin(d.data)
	return f(d)
}

func (v *plainVerifier) cert(t *testing.T, c *x509.Certificate) (handle uintptr, free func()) {
	t.Helper()
	if code := v.newCert(&handle); code < 0 {
		t.Fatal(code)
	}
	if code := v.at(c.Raw, func(d *plainDatum) int32 { return v.readCert(handle, d, 0) }); code < 0 {
		t.Fatal(code)
	}
	return handle, func() { v.freeCert(handle) }
}

// hostname says whether a certificate is for a host.
func (v *plainVerifier) hostname(t *testing.T, c *x509.Certificate, hostname string) bool {
	t.Helper()
	handle, free := v.cert(t, c)
	defer free()
	return v.forHost(handle, hostname) != 0
}

// verify says what is wrong with a certificate, in the words that QEMU has for it. The texts are PEM.
func (v *plainVerifier) verify(t *testing.T, authorities, revoked []byte, sent []*x509.Certificate) error {
	t.Helper()
	var list uintptr
	if code := v.newList(&list, 0); code < 0 {
		t.Fatal(code)
	}
	defer v.freeList(list, 1)
	for i, text := range [][]byte{authorities, revoked} {
		code := v.at(text, func(d *plainDatum) int32 {
			if i == 0 {
				return v.trust(list, d, nil, 1, 0, 0)
			}
			return v.trust(list, nil, d, 1, 0, 0)
		})
		if len(text) > 0 && code < 0 {
			t.Fatal(i, code)
		}
	}
	var certs []uintptr
	for _, c := range sent {
		handle, free := v.cert(t, c)
		defer free()
		certs = append(certs, handle)
	}
	var status uint32
	if code := v.check(list, &certs[0], uint32(len(certs)), 0, 0, 0, &status, 0); code < 0 {
		t.Fatal(code)
	}
	switch {
	case status&(1<<8) != 0:
		return errAlgorithm
	case status&(1<<5) != 0:
		return errRevoked
	case status&(1<<6) != 0:
		return errIssuer
	case status&(1<<1) != 0:
		return errUntrusted
	case status != 0:
		return errors.New("Invalid certificate")
	}
	return nil
}

func text(kind string, ders ...[]byte) (out []byte) {
	for _, der := range ders {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})...)
	}
	return out
}
