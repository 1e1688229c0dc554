package wire

import (
	"encoding/binary"
	"fmt"
)

// RDMAVersion is the only version of the protocol.
const RDMAVersion = 1

// RDMAPrivateSize is the length of what both ends say as they connect, in bytes.
const RDMAPrivateSize = 8

// RDMAFlags are what a source wants, and a destination agrees to.
type RDMAFlags uint32

// The flags. Who answers leaves those that it knows.
const (
	// RDMAPinAll registers all memory at the start, rather than piece by piece.
	RDMAPinAll RDMAFlags = 1 << 0
	// RDMAReadyBack, which no QEMU knows, has the first message on the way back
	// wait for READY, as all others do.
	RDMAReadyBack RDMAFlags = 1 << 31
)

// RDMAPrivate is what both ends say as they connect.
type RDMAPrivate struct {
	Version uint32
	Flags   RDMAFlags
}

// Append appends it.
func (p RDMAPrivate) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, p.Version)
	return binary.BigEndian.AppendUint32(b, uint32(p.Flags))
}

// ParseRDMAPrivate takes it from the front of b: connection managers pad it.
func ParseRDMAPrivate(b []byte) (p RDMAPrivate, err error) {
	if len(b) < RDMAPrivateSize {
		return p, fmt.Errorf("RDMA private data of %d bytes", len(b))
	}
	p = RDMAPrivate{binary.BigEndian.Uint32(b), RDMAFlags(binary.BigEndian.Uint32(b[4:]))}
	if p.Version != RDMAVersion {
		return p, fmt.Errorf("Unknown source RDMA version: %d, bailing...", int32(p.Version))
	}
	return p, nil
}
