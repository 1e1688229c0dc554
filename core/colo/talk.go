package colo

import (
	"errors"
	"fmt"
	"io"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Talk is the conversation of primary and secondary on the main channel, as one
// of them has it. It belongs to one goroutine. Errors are in QEMU's words.
type Talk struct {
	in      *stream.Reader
	out     *stream.Writer
	message [wire.COLOMessageSize + wire.COLOValueSize]byte
	// Sent and Received, which may be nil, are told each message.
	Sent, Received func(wire.COLOMessage)
}

// NewTalk makes the conversation of who hears in and says out. Both carry other
// things between messages.
func NewTalk(in *stream.Reader, out *stream.Writer) *Talk { return &Talk{in: in, out: out} }

// Send says m, and writes all that was put before.
func (t *Talk) Send(m wire.COLOMessage) error {
	t.out.Write(wire.AppendCOLO(t.message[:0], m))
	if err := t.out.Flush(); err != nil {
		return fmt.Errorf("Can't send COLO message: %w", err)
	}
	if t.Sent != nil {
		t.Sent(m)
	}
	return nil
}

// SendValue says m with a value.
func (t *Talk) SendValue(m wire.COLOMessage, value uint64) error {
	t.out.Write(wire.AppendCOLOValue(t.message[:0], m, value))
	if err := t.out.Flush(); err != nil {
		return fmt.Errorf("Failed to send value for message:%s: %w", m, err)
	}
	if t.Sent != nil {
		t.Sent(m)
	}
	return nil
}

// lost is the error of a reader that met the end, in QEMU's words.
func lost(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errLost
	}
	return err
}

var errLost = errors.New("Input/output error")

var errInvalid = errors.New("colo_receive_message: Invalid message")

// Receive hears any message.
func (t *Talk) Receive() (wire.COLOMessage, error) {
	t.in.Full(t.message[:wire.COLOMessageSize])
	if err := t.in.Err(); err != nil {
		return 0, fmt.Errorf("Can't receive COLO message: %w", lost(err))
	}
	m := wire.ParseCOLO([wire.COLOMessageSize]byte(t.message[:]))
	if !m.Known() {
		return m, errInvalid
	}
	if t.Received != nil {
		t.Received(m)
	}
	return m, nil
}

// Expect hears want; anything else is an error.
func (t *Talk) Expect(want wire.COLOMessage) error {
	m, err := t.Receive()
	if err == nil && m != want {
		err = fmt.Errorf("Unexpected COLO message %d, expected %d", m, want)
	}
	return err
}

// ExpectRequest hears that a checkpoint is about to come.
func (t *Talk) ExpectRequest() error {
	m, err := t.Receive()
	if err == nil && m != wire.COLOCheckpointRequest {
		err = fmt.Errorf("Got unknown COLO message: %d", m)
	}
	return err
}

// ExpectValue hears want and the value behind it.
func (t *Talk) ExpectValue(want wire.COLOMessage) (uint64, error) {
	if err := t.Expect(want); err != nil {
		return 0, err
	}
	t.in.Full(t.message[:wire.COLOValueSize])
	if err := t.in.Err(); err != nil {
		return 0, fmt.Errorf("Failed to get value for COLO message: %s: %w", want, lost(err))
	}
	return wire.ParseCOLOValue([wire.COLOValueSize]byte(t.message[:])), nil
}
