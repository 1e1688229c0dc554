//go:build !nognutls

package gnutls

import (
	"bytes"
	"errors"
	"fmt"
	"sync/atomic"
	"unsafe"

	"github.com/ebitengine/purego"
)

// What QEMU adds to the priorities for sessions without certificates, and what they are if nobody says anything.
const (
	extraPSK  = "+ECDHE-PSK:+DHE-PSK:+PSK"
	extraAnon = "+ANON-DH"
	normal    = "NORMAL"
)

// The numbers of GnuTLS for the side of a session, for an end of one direction, for a request of a certificate that does
// not insist, and for errors that are none.
const (
	server      = 1
	client      = 2
	shutWR      = 1
	request     = 1
	again       = -28
	interrupted = -52
)

// failure is what pull returns where there is nothing yet. It has no other reason to fail.
const failure = ^uintptr(0)

// ErrAgain says that more bytes must be there before a call can go on. It is to be repeated then.
var ErrAgain = errors.New("no data yet")

// Carrier carries the records of a session.
type Carrier interface {
	// Pull gives bytes that are there; 0 for none, which is no error.
	Pull(p []byte) int
	// Push takes all of p, or says why not.
	Push(p []byte) error
}

// Session is one end of a TLS channel. Receive and Send may run at the same time, but not beside Handshake or Close.
type Session struct {
	library *Library
	handle  uintptr
	id      uintptr
	creds   *Credentials
	carrier Carrier
	pushErr atomic.Pointer[error] // why the carrier took no more
}

// Client makes a session, which the credentials belong to even where that fails. priority is in the language of GnuTLS,
// empty for the default.
func (l *Library) Client(creds *Credentials, priority string, carrier Carrier) (*Session, error) {
	return l.begin(client, creds, priority, carrier)
}

// Server is Client for the other side.
func (l *Library) Server(creds *Credentials, priority string, carrier Carrier) (*Session, error) {
	return l.begin(server, creds, priority, carrier)
}

func (l *Library) begin(side uint32, creds *Credentials, priority string, carrier Carrier) (*Session, error) {
	s := &Session{library: l, creds: creds, carrier: carrier}
	if err := l.fail(l.open(&s.handle, side)); err != nil {
		creds.close()
		return nil, fmt.Errorf("Cannot initialize TLS session: %w", err)
	}
	l.enter(s)
	if err := s.prefer(priority); err != nil {
		s.Close()
		return nil, err
	}
	if err := l.fail(l.use(s.handle, creds.kind, creds.handle)); err != nil {
		s.Close()
		return nil, fmt.Errorf("Cannot set session credentials: %w", err)
	}
	if side == server && creds.kind == kindCertificate {
		l.request(s.handle, request)
	}
	l.setPointer(s.handle, s.id)
	l.setPush(s.handle, l.push)
	l.setPull(s.handle, l.pull)
	l.setErrno(s.handle, l.errno)
	return s, nil
}

// prefer says which ciphers and versions may be used, in QEMU's words where that cannot be.
func (s *Session) prefer(priority string) error {
	if priority == "" {
		priority = normal
	}
	what := "Cannot set default"
	if extra := s.creds.extra; extra != "" {
		what, priority = "Unable to set", priority+":"+extra
	}
	if err := s.library.fail(s.library.priority(s.handle, priority, nil)); err != nil {
		return fmt.Errorf("%s TLS session priority %s: %w", what, priority, err)
	}
	return nil
}

// Peers are the certificates that the other end has shown, in DER, its own first; none if it has shown none.
func (s *Session) Peers() [][]byte {
	var n uint32
	first := s.library.peers(s.handle, &n)
	if first == nil {
		return nil
	}
	var list [][]byte
	for _, d := range unsafe.Slice(first, n) {
		list = append(list, bytes.Clone(unsafe.Slice(d.data, d.size)))
	}
	return list
}

// push is called by C with bytes to be sent. An error is told by the call that sends: C could not tell it from one of
// pull, which may run at the same time.
func (s *Session) push(data *byte, size uintptr) uintptr {
	if s.pushErr.Load() == nil {
		if err := s.carrier.Push(unsafe.Slice(data, size)); err != nil {
			s.pushErr.Store(&err)
		}
	}
	return size
}

// pull is called by C for bytes that have come.
func (s *Session) pull(data *byte, size uintptr) uintptr {
	n := s.carrier.Pull(unsafe.Slice(data, size))
	if n == 0 {
		return failure
	}
	return uintptr(n)
}

// outcome words the number that a call gave.
func (s *Session) outcome(n int) (int, error) {
	switch {
	case n >= 0:
		return n, nil
	case n == again, n == interrupted:
		return 0, ErrAgain
	}
	return 0, s.library.fail(int32(n))
}

// sent is outcome for calls that send.
func (s *Session) sent(n int) (int, error) {
	if err := s.pushErr.Load(); err != nil {
		return 0, *err
	}
	return s.outcome(n)
}

// Handshake begins the session.
func (s *Session) Handshake() error {
	n, _, _ := purego.SyscallN(s.library.handshake, s.handle)
	_, err := s.sent(int(int32(n)))
	return err
}

// Receive gives data of one record at most. The end of the session is 0 without an error.
func (s *Session) Receive(p []byte) (int, error) {
	n, _, _ := purego.SyscallN(s.library.receive, s.handle, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	return s.outcome(int(n))
}

// Send makes one record, of as much of p as fits.
func (s *Session) Send(p []byte) (int, error) {
	n, _, _ := purego.SyscallN(s.library.send, s.handle, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	return s.sent(int(n))
}

// Bye tells the peer that nothing more comes.
func (s *Session) Bye() error {
	n, _, _ := purego.SyscallN(s.library.bye, s.handle, shutWR)
	_, err := s.sent(int(int32(n)))
	return err
}

// Close gives the memory of the session and its credentials back.
func (s *Session) Close() {
	s.library.close(s.handle)
	s.library.leave(s)
	s.creds.close()
}
