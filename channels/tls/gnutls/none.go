//go:build nognutls

package gnutls

import "errors"

// errNone is why there is no library.
var errNone = errors.New("TLS credentials support requires GNUTLS, which this program was built without")

// ErrAgain says that more bytes must be there before a call can go on.
var ErrAgain = errors.New("no data yet")

// Carrier carries the records of a session.
type Carrier interface {
	Pull(p []byte) int
	Push(p []byte) error
}

// Library is GnuTLS, which is never there.
type Library struct{}

// Credentials are what a session proves itself with.
type Credentials struct{}

// Session is one end of a TLS channel.
type Session struct{}

// Load finds no library.
func Load() (*Library, error) { return nil, errNone }

// Certificates fails.
func (*Library) Certificates(_, _, _, _ []byte) (*Credentials, error) { return nil, errNone }

// PSKClient fails.
func (*Library) PSKClient(string, []byte) (*Credentials, error) { return nil, errNone }

// PSKServer fails.
func (*Library) PSKServer(string, []byte) (*Credentials, error) { return nil, errNone }

// AnonClient fails.
func (*Library) AnonClient() (*Credentials, error) { return nil, errNone }

// AnonServer fails.
func (*Library) AnonServer([]byte) (*Credentials, error) { return nil, errNone }

// Client fails.
func (*Library) Client(*Credentials, string, Carrier) (*Session, error) { return nil, errNone }

// Server fails.
func (*Library) Server(*Credentials, string, Carrier) (*Session, error) { return nil, errNone }

// Handshake fails.
func (*Session) Handshake() error { return errNone }

// Receive fails.
func (*Session) Receive([]byte) (int, error) { return 0, errNone }

// Send fails.
func (*Session) Send([]byte) (int, error) { return 0, errNone }

// Bye fails.
func (*Session) Bye() error { return errNone }

// Peers are none.
func (*Session) Peers() [][]byte { return nil }

// Close does nothing.
func (*Session) Close() {}
