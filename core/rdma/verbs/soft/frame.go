package soft

import (
	"encoding/binary"
	"fmt"
)

// A connection opens with a hello of either end. Frames follow, in either
// direction: a header, and as many bytes as it says.

const (
	helloMagic = "qmRDMA\x00\x01"
	helloSize  = len(helloMagic) + 2 // then what the end says
	headSize   = 24
	// maxRefusal bounds the text of a refusal, in bytes.
	maxRefusal = 256
)

// kind is what a frame is.
type kind uint32

const (
	kindSend  kind = 1 // a message for the next buffer that was posted
	kindWrite kind = 2 // bytes for memory that was registered
	kindBad   kind = 3 // why the peer's work was not done: its last frame
)

// head opens a frame.
type head struct {
	kind    kind
	size    uint32 // of what follows, in bytes
	key     uint32 // of a write
	address uint64 // of a write
}

func (h head) put(b *[headSize]byte) {
	binary.BigEndian.PutUint32(b[0:], uint32(h.kind))
	binary.BigEndian.PutUint32(b[4:], h.size)
	binary.BigEndian.PutUint32(b[8:], h.key)
	binary.BigEndian.PutUint32(b[12:], 0)
	binary.BigEndian.PutUint64(b[16:], h.address)
}

func parseHead(b *[headSize]byte) (h head, err error) {
	h = head{kind(binary.BigEndian.Uint32(b[:])), binary.BigEndian.Uint32(b[4:]),
		binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint64(b[16:])}
	switch {
	case h.kind < kindSend || h.kind > kindBad:
		return h, fmt.Errorf("a frame of kind %d", h.kind)
	case h.kind == kindBad && h.size > maxRefusal:
		return h, fmt.Errorf("a refusal of %d bytes", h.size)
	}
	return h, nil
}
