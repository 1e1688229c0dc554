package wire

import (
	"encoding/binary"
	"fmt"
)

// RDMABlockSize is the length of an RDMABlock, in bytes.
const RDMABlockSize = 32

// RDMABlock is a RAM block as its destination has it.
type RDMABlock struct {
	Host   uint64 // address in the destination's process
	Offset uint64 // where the block begins in what the entries of requests count in
	Length uint64 // in bytes
	Key    uint32 // of the whole block; 0 where pieces are registered
}

// Append appends the entry.
func (r RDMABlock) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, r.Host)
	b = binary.BigEndian.AppendUint64(b, r.Offset)
	b = binary.BigEndian.AppendUint64(b, r.Length)
	b = binary.BigEndian.AppendUint32(b, r.Key)
	return append(b, 0, 0, 0, 0)
}

// ParseRDMABlocks takes all entries of a message.
func ParseRDMABlocks(b []byte) (list []RDMABlock, err error) {
	if len(b)%RDMABlockSize != 0 {
		return nil, fmt.Errorf("a list of RAM blocks of %d bytes", len(b))
	}
	for ; len(b) > 0; b = b[RDMABlockSize:] {
		list = append(list, RDMABlock{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]),
			binary.BigEndian.Uint64(b[16:]), binary.BigEndian.Uint32(b[24:])})
	}
	return list, nil
}
