package wire

import (
	"encoding/binary"
	"fmt"
)

// RDMAControl is the kind of a control message of a migration over RDMA.
type RDMAControl uint32

// The control messages.
const (
	RDMANone RDMAControl = iota
	RDMAError
	RDMAReady              // the receiver waits for a message
	RDMAFile               // bytes of the stream
	RDMARAMBlocksRequest   // of a source, for the blocks of its destination
	RDMARAMBlocksResult    // RDMABlock entries
	RDMACompress           // an RDMAZeros
	RDMARegisterRequest    // RDMARegister entries
	RDMARegisterResult     // as many RDMARegistered entries
	RDMARegisterFinished   // the body of the ram section goes on
	RDMAUnregisterRequest  // RDMARegister entries whose key is a chunk
	RDMAUnregisterFinished // an answer without data
	rdmaControls           = iota
)

// Bounds of control messages.
const (
	// RDMAHeaderSize is the length of what opens a message, in bytes.
	RDMAHeaderSize = 16
	// MaxRDMAMessage bounds a message with its header, in bytes.
	MaxRDMAMessage = 512 << 10
	// MaxRDMAFile bounds the bytes of the stream in one message.
	MaxRDMAFile = 32 << 10
	// MaxRDMARepeat bounds how many entries a message has.
	MaxRDMARepeat = 4096
	// RDMAChunkBits is how large the pieces of blocks are that are registered: 1 MiB.
	RDMAChunkBits = 20
)

// RDMAHeader opens a control message.
type RDMAHeader struct {
	Size   uint32 // of the data behind the header, in bytes
	Kind   RDMAControl
	Repeat uint32 // how many entries of one kind the data has
}

// Append appends the header.
func (h RDMAHeader) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, h.Size)
	b = binary.BigEndian.AppendUint32(b, uint32(h.Kind))
	b = binary.BigEndian.AppendUint32(b, h.Repeat)
	return append(b, 0, 0, 0, 0)
}

// ParseRDMAMessage takes a message apart that came with a length of its own. A
// want of RDMANone takes any kind. What is wrong is told in QEMU's words.
func ParseRDMAMessage(b []byte, want RDMAControl) (h RDMAHeader, data []byte, err error) {
	if len(b) < RDMAHeaderSize {
		return h, nil, fmt.Errorf("Malformed length: %d byte_len %d", 0, len(b))
	}
	h = RDMAHeader{binary.BigEndian.Uint32(b), RDMAControl(binary.BigEndian.Uint32(b[4:])), binary.BigEndian.Uint32(b[8:])}
	switch {
	case want != RDMANone && (h.Kind != want || h.Kind == RDMAError):
		return h, nil, fmt.Errorf("Was expecting a %s (%d) control message, but got: %s (%d), length: %d",
			want, uint32(want), h.Kind, int32(h.Kind), int32(h.Size))
	case h.Size > MaxRDMAMessage-RDMAHeaderSize:
		return h, nil, fmt.Errorf("too long length: %d", int32(h.Size))
	case RDMAHeaderSize+int(h.Size) != len(b):
		return h, nil, fmt.Errorf("Malformed length: %d byte_len %d", int32(h.Size), len(b))
	}
	return h, b[RDMAHeaderSize:], nil
}

func (k RDMAControl) String() string {
	names := [rdmaControls]string{"NONE", "ERROR", "READY", "QEMU FILE", "RAM BLOCKS REQUEST", "RAM BLOCKS RESULT", "COMPRESS",
		"REGISTER REQUEST", "REGISTER RESULT", "REGISTER FINISHED", "UNREGISTER REQUEST", "UNREGISTER FINISHED"}
	if k >= rdmaControls {
		return "??BAD CONTROL VALUE??"
	}
	return names[k]
}
