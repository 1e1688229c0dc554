package wire

import (
	"encoding/binary"
	"fmt"
)

// Lengths of entries, in bytes.
const (
	RDMARegisterSize   = 24
	RDMARegisteredSize = 16
	RDMAZerosSize      = 24
)

// RDMARegister asks for a piece of a block to be registered, or not any more.
type RDMARegister struct {
	// Key is an address: RDMABlock.Offset and more. Where it is about a
	// registration's end it is the number of the chunk.
	Key    uint64
	Block  uint32 // number in the list of blocks
	Chunks uint64 // how many more chunks follow the first
}

// Append appends the entry.
func (r RDMARegister) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, r.Key)
	b = binary.BigEndian.AppendUint32(b, r.Block)
	b = append(b, 0, 0, 0, 0)
	return binary.BigEndian.AppendUint64(b, r.Chunks)
}

// ParseRDMARegister takes the entry number i of a message with so many.
func ParseRDMARegister(b []byte, i, repeat uint32) (r RDMARegister, err error) {
	if err := rdmaEntries(b, repeat, RDMARegisterSize); err != nil {
		return r, err
	}
	b = b[i*RDMARegisterSize:]
	return RDMARegister{binary.BigEndian.Uint64(b), binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint64(b[16:])}, nil
}

// RDMARegistered is the answer: with what key the piece can be written.
type RDMARegistered struct {
	Key  uint32
	Host uint64 // where the block begins in the destination's process
}

// Append appends the entry.
func (r RDMARegistered) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, r.Key)
	b = append(b, 0, 0, 0, 0)
	return binary.BigEndian.AppendUint64(b, r.Host)
}

// ParseRDMARegistered takes the only entry of a message.
func ParseRDMARegistered(b []byte) (r RDMARegistered, err error) {
	if err := rdmaEntries(b, 1, RDMARegisteredSize); err != nil {
		return r, err
	}
	return RDMARegistered{binary.BigEndian.Uint32(b), binary.BigEndian.Uint64(b[8:])}, nil
}

// RDMAZeros says that a range of a block is zero. On the wire a value comes
// first, which is always 0.
type RDMAZeros struct {
	Block  uint32 // number in the list of blocks
	Offset uint64 // RDMABlock.Offset and more
	Length uint64 // in bytes
}

// Append appends the entry.
func (r RDMAZeros) Append(b []byte) []byte {
	b = append(b, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, r.Block)
	b = binary.BigEndian.AppendUint64(b, r.Offset)
	return binary.BigEndian.AppendUint64(b, r.Length)
}

// ParseRDMAZeros takes the only entry of a message.
func ParseRDMAZeros(b []byte) (r RDMAZeros, err error) {
	if err := rdmaEntries(b, 1, RDMAZerosSize); err != nil {
		return r, err
	}
	if value := binary.BigEndian.Uint32(b); value != 0 {
		return r, fmt.Errorf("rdma: Zero page with non-zero (%d) value", int32(value))
	}
	return RDMAZeros{binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint64(b[16:])}, nil
}

func rdmaEntries(b []byte, count, size uint32) error {
	if uint64(len(b)) != uint64(count)*uint64(size) {
		return fmt.Errorf("rdma: %d bytes for %d entries of %d", len(b), count, size)
	}
	return nil
}
