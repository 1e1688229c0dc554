//go:build !nognutls

package gnutls

import (
	"fmt"
	"runtime"
	"unsafe"
)

// The numbers of GnuTLS for kinds of credentials, the text form of a file, and the strength of the groups that a server
// proposes without parameters of its own, which is that of 2048 bits.
const (
	kindCertificate = 1
	kindAnon        = 2
	kindPSK         = 4

	formatRaw = 0
	formatPEM = 1

	strength = 35
)

// Credentials are what a session proves itself with. Each belongs to one session.
type Credentials struct {
	kind   int32
	handle uintptr
	extra  string // what QEMU adds to the priorities
	free   []func()
}

func (c *Credentials) close() {
	for _, f := range c.free {
		f()
	}
}

// Certificates are those of an end that has certificates, which are all text in PEM: of authorities, and its own with those
// between them and its key. A client may have none of its own. params is as for PSKServer.
func (l *Library) Certificates(authorities, own, key, params []byte) (*Credentials, error) {
	c := &Credentials{kind: kindCertificate}
	if err := l.fail(l.newCertificates(&c.handle)); err != nil {
		return nil, fmt.Errorf("Cannot allocate credentials: %w", err)
	}
	c.free = append(c.free, func() { l.freeCertificates(c.handle) })
	err := l.certify(c, authorities, own, key)
	if err == nil && len(params) > 0 {
		err = l.exchange(c, params, l.certificateDH, nil)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (l *Library) certify(c *Credentials, authorities, own, key []byte) error {
	err := l.fail(l.withDatum(authorities, func(d *datum) int32 { return l.trust(c.handle, d, formatPEM) }))
	if err != nil {
		return fmt.Errorf("Cannot load CA certificate: %w", err)
	}
	if len(own) == 0 {
		return nil
	}
	err = l.fail(l.withDatum(own, func(cert *datum) int32 {
		return l.withDatum(key, func(key *datum) int32 { return l.setKey(c.handle, cert, key, formatPEM) })
	}))
	if err != nil {
		return fmt.Errorf("Cannot load certificate & key: %w", err)
	}
	return nil
}

// PSKClient are those of a client that has a key.
func (l *Library) PSKClient(user string, key []byte) (*Credentials, error) {
	c := &Credentials{kind: kindPSK, extra: extraPSK}
	if err := l.fail(l.newPSKClient(&c.handle)); err != nil {
		return nil, fmt.Errorf("Cannot allocate credentials: %w", err)
	}
	c.free = append(c.free, func() { l.freePSKClient(c.handle) })
	if err := l.fail(l.withDatum(key, func(d *datum) int32 { return l.setPSKClient(c.handle, user, d, formatRaw) })); err != nil {
		c.close()
		return nil, fmt.Errorf("Cannot set PSK client credentials: %w", err)
	}
	return c, nil
}

// PSKServer are those of a server that looks keys up in a file. params, which may be empty, is the text of a file of
// parameters for the exchange of keys.
func (l *Library) PSKServer(file string, params []byte) (*Credentials, error) {
	c := &Credentials{kind: kindPSK, extra: extraPSK}
	if err := l.fail(l.newPSKServer(&c.handle)); err != nil {
		return nil, fmt.Errorf("Cannot allocate credentials: %w", err)
	}
	c.free = append(c.free, func() { l.freePSKServer(c.handle) })
	err := l.exchange(c, params, l.pskServerDH, l.pskKnownDH)
	if err == nil {
		if err = l.fail(l.setPSKServer(c.handle, file)); err != nil {
			err = fmt.Errorf("Cannot set PSK server credentials: %w", err)
		}
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// AnonClient are those of a client that proves nothing.
func (l *Library) AnonClient() (*Credentials, error) {
	c := &Credentials{kind: kindAnon, extra: extraAnon}
	if err := l.fail(l.newAnonClient(&c.handle)); err != nil {
		return nil, fmt.Errorf("Cannot allocate credentials: %w", err)
	}
	c.free = append(c.free, func() { l.freeAnonClient(c.handle) })
	return c, nil
}

// AnonServer are those of a server that proves nothing. params is as for PSKServer.
func (l *Library) AnonServer(params []byte) (*Credentials, error) {
	c := &Credentials{kind: kindAnon, extra: extraAnon}
	if err := l.fail(l.newAnonServer(&c.handle)); err != nil {
		return nil, fmt.Errorf("Cannot allocate credentials: %w", err)
	}
	c.free = append(c.free, func() { l.freeAnonServer(c.handle) })
	if err := l.exchange(c, params, l.anonServerDH, l.anonKnownDH); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// exchange gives a server the parameters for the exchange of keys. Where there are none they are well-known ones: QEMU
// makes its own, which takes long and gives nothing more.
func (l *Library) exchange(c *Credentials, text []byte, own func(c, params uintptr), known func(c uintptr, strength int32) int32) error {
	if len(text) == 0 {
		if err := l.fail(known(c.handle, strength)); err != nil {
			return fmt.Errorf("Unable to generate DH parameters: %w", err)
		}
		return nil
	}
	var params uintptr
	if err := l.fail(l.newDH(&params)); err != nil {
		return fmt.Errorf("Unable to initialize DH parameters: %w", err)
	}
	c.free = append(c.free, func() { l.freeDH(params) })
	if err := l.fail(l.withDatum(text, func(d *datum) int32 { return l.importDH(params, d, formatPEM) })); err != nil {
		return fmt.Errorf("Unable to load DH parameters: %w", err)
	}
	own(c.handle, params)
	return nil
}

// withDatum calls f with what C takes for bytes, which stay in their place meanwhile.
func (l *Library) withDatum(p []byte, f func(*datum) int32) int32 {
	var pin runtime.Pinner
	defer pin.Unpin()
	d := &datum{data: unsafe.SliceData(p), size: uint32(len(p))}
	pin.Pin(d)
	if len(p) > 0 {
		pin.Pin(d.data)
	}
	return f(d)
}
