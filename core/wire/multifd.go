package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// What opens every packet on a lane of multifd, and the lane itself.
const (
	multiFDMagic   = 0x11223344
	multiFDVersion = 1
)

// Sizes on a lane, in bytes.
const (
	// MultiFDInitSize is the length of what opens a lane.
	MultiFDInitSize = 64
	// MultiFDHeadSize is the length of what all packets have in common: magic, version and flags.
	MultiFDHeadSize = 12
	// MultiFDPacketSize is the length of a packet of pages without its payload.
	MultiFDPacketSize = multiFDOffsets + 8*MultiFDPages

	multiFDBlock   = 64
	multiFDOffsets = multiFDBlock + 256
)

// MultiFDPages is how many pages a packet has at most.
const MultiFDPages = 128

// MultiFDFlags say what a packet is.
type MultiFDFlags uint32

// The flags of a packet. Those of MultiFDMethod tell how its payload is encoded.
const (
	MultiFDSync        MultiFDFlags = 1 << 0
	MultiFDMethod      MultiFDFlags = 0x3e
	MultiFDDeviceState MultiFDFlags = 1 << 6
)

// MultiFDInit opens a lane.
type MultiFDInit struct {
	UUID [16]byte // of the VM, zeros where it has none
	ID   uint8    // number of the lane
}

// AppendMultiFDInit appends what opens a lane.
func AppendMultiFDInit(b []byte, init MultiFDInit) []byte {
	b = binary.BigEndian.AppendUint32(b, multiFDMagic)
	b = binary.BigEndian.AppendUint32(b, multiFDVersion)
	b = append(b, init.UUID[:]...)
	b = append(b, init.ID)
	return append(b, make([]byte, MultiFDInitSize-25)...)
}

// ParseMultiFDInit takes what opens a lane.
func ParseMultiFDInit(b *[MultiFDInitSize]byte) (init MultiFDInit, err error) {
	// QEMU has these texts without the comma that those of packets have.
	if magic := binary.BigEndian.Uint32(b[:]); magic != multiFDMagic {
		return init, fmt.Errorf("multifd: received packet magic %x expected %x", magic, multiFDMagic)
	}
	if version := binary.BigEndian.Uint32(b[4:]); version != multiFDVersion {
		return init, fmt.Errorf("multifd: received packet version %d expected %d", version, multiFDVersion)
	}
	copy(init.UUID[:], b[8:])
	init.ID = b[24]
	return init, nil
}

// ParseMultiFDHead takes what every packet begins with.
func ParseMultiFDHead(b []byte) (MultiFDFlags, error) {
	if magic := binary.BigEndian.Uint32(b); magic != multiFDMagic {
		return 0, fmt.Errorf("multifd: received packet magic %x, expected %x", magic, multiFDMagic)
	}
	if version := binary.BigEndian.Uint32(b[4:]); version != multiFDVersion {
		return 0, fmt.Errorf("multifd: received packet version %d, expected %d", version, multiFDVersion)
	}
	return MultiFDFlags(binary.BigEndian.Uint32(b[8:])), nil
}

// MultiFDPacket is a packet of pages, without its payload.
type MultiFDPacket struct {
	Flags   MultiFDFlags
	Alloc   uint32 // how many pages the sender's packets have at most
	Normal  uint32 // pages that have a part in the payload
	Zero    uint32 // pages that are zero
	Payload uint32 // bytes of the payload, which is there only if Normal is not 0
	Number  uint64
	// Block is the name of the pages' block. Of a packet that was parsed it
	// lies in the bytes that it was parsed from.
	Block []byte
	// Offsets are where the pages are in the block, in bytes: first the normal ones.
	Offsets [MultiFDPages]uint64
}

// Put writes the packet. All of b is written.
func (p *MultiFDPacket) Put(b *[MultiFDPacketSize]byte) {
	binary.BigEndian.PutUint32(b[0:], multiFDMagic)
	binary.BigEndian.PutUint32(b[4:], multiFDVersion)
	binary.BigEndian.PutUint32(b[8:], uint32(p.Flags))
	binary.BigEndian.PutUint32(b[12:], p.Alloc)
	binary.BigEndian.PutUint32(b[16:], p.Normal)
	binary.BigEndian.PutUint32(b[20:], p.Payload)
	binary.BigEndian.PutUint64(b[24:], p.Number)
	binary.BigEndian.PutUint32(b[32:], p.Zero)
	clear(b[36:multiFDOffsets])
	copy(b[multiFDBlock:multiFDOffsets-1], p.Block)
	used := p.Normal + p.Zero
	for i, offset := range p.Offsets[:used] {
		binary.BigEndian.PutUint64(b[multiFDOffsets+8*i:], offset)
	}
	clear(b[multiFDOffsets+8*used:])
}

// Parse takes a packet whose head was good. It checks the numbers of pages, not
// where they are.
func (p *MultiFDPacket) Parse(b *[MultiFDPacketSize]byte) error {
	p.Flags = MultiFDFlags(binary.BigEndian.Uint32(b[8:]))
	p.Alloc = binary.BigEndian.Uint32(b[12:])
	p.Normal = binary.BigEndian.Uint32(b[16:])
	p.Payload = binary.BigEndian.Uint32(b[20:])
	p.Number = binary.BigEndian.Uint64(b[24:])
	p.Zero = binary.BigEndian.Uint32(b[32:])
	switch {
	case p.Alloc > MultiFDPages:
		return fmt.Errorf("multifd: received packet with %d pages, expected %d", p.Alloc, MultiFDPages)
	case p.Normal > p.Alloc:
		return fmt.Errorf("multifd: received packet with %d non-zero pages, which exceeds maximum expected pages %d",
			p.Normal, p.Alloc)
	case p.Zero > p.Alloc-p.Normal:
		return fmt.Errorf("multifd: received packet with %d zero pages, expected maximum %d", p.Zero, p.Alloc-p.Normal)
	}
	p.Block, _, _ = bytes.Cut(b[multiFDBlock:multiFDOffsets-1], []byte{0})
	for i := range p.Offsets[:p.Normal+p.Zero] {
		p.Offsets[i] = binary.BigEndian.Uint64(b[multiFDOffsets+8*i:])
	}
	return nil
}
