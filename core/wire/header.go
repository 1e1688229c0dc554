// Package wire holds the records of the migration stream as plain values:
// numbers, names, and how they are written as bytes. It does no I/O and keeps no state.
package wire

import (
	"encoding/binary"
	"errors"
)

// Magic and Version open every stream: "QEVM", 3.
const (
	Magic           = 0x5145564d
	Version         = 3
	obsoleteVersion = 2
	// HeaderSize is the length of the file header in bytes.
	HeaderSize = 8
)

// What a reader says of a header that it cannot take, in QEMU's words.
var (
	ErrMagic    = errors.New("Not a migration stream")
	ErrObsolete = errors.New("SaveVM v2 format is obsolete and don't work anymore")
	ErrVersion  = errors.New("Unsupported migration stream version")
)

// AppendHeader appends the file header.
func AppendHeader(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, Magic)
	return binary.BigEndian.AppendUint32(b, Version)
}

// CheckHeader says whether magic and version open a stream that can be read.
func CheckHeader(magic, version uint32) error {
	switch {
	case magic != Magic:
		return ErrMagic
	case version == obsoleteVersion:
		return ErrObsolete
	case version != Version:
		return ErrVersion
	}
	return nil
}
