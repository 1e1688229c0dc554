package tls

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"qmpmigrate/channels"
)

// What GnuTLS says, which users of QEMU know.
var (
	errPremature  = errors.New("The TLS connection was non-properly terminated.")
	errUnexpected = errors.New("An unexpected TLS packet was received.")
	errAlert      = errors.New("A TLS fatal alert has been received.")
	errMAC        = errors.New("Decryption has failed.")
	errTimeout    = errors.New("The operation timed out")
)

// spoken words an error of reading or writing: the channel's own stay as they are.
func spoken(op string, err error) error {
	if own, ok := errors.AsType[*channels.Error](err); ok {
		return own
	}
	return &channels.Error{Op: op, Err: plain(err)}
}

// failed words the error of a handshake.
func failed(err error) error {
	const op = "TLS handshake failed"
	if own, ok := errors.AsType[*channels.Error](err); ok {
		way := "Error in the pull function."
		if own.Op == "Unable to write to socket" {
			way = "Error in the push function."
		}
		return fmt.Errorf("%s: %s: %w", op, way, own)
	}
	return &channels.Error{Op: op, Err: plain(err)}
}

// plain words what the standard library found, as GnuTLS would.
func plain(err error) error {
	var header tls.RecordHeaderError
	var local *net.OpError
	var alert tls.AlertError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errPremature
	case errors.As(err, &header):
		return errUnexpected
	case errors.As(err, &local) && local.Op == "remote error":
		return errAlert
	case errors.As(err, &alert) && alert == alertBadRecordMAC, err.Error() == "local error: tls: bad record MAC":
		return errMAC
	}
	return err
}

const alertBadRecordMAC = tls.AlertError(20)

// closed is what is left of a session after Close.
type closed struct{}

func (closed) handshake() error { return os.ErrClosed }
func (closed) read([]byte, bool) (int, error) {
	return 0, &channels.Error{Op: "Unable to read from socket", Err: os.ErrClosed}
}
func (closed) write([]byte) (int, error) {
	return 0, &channels.Error{Op: "Unable to write to socket", Err: os.ErrClosed}
}
func (closed) bye() error { return os.ErrClosed }
func (closed) free()      {}
