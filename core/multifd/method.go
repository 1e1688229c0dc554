// Package multifd carries guest pages on several channels at once, its lanes,
// beside the main one.
package multifd

// A Method is a way of writing the pages of a packet as its payload. Each
// method has a file of its own; lanes whose method is None send the pages as
// they are and need neither of its functions.
type Method struct {
	// Bits are what the flags of a packet say of it.
	Bits uint32
	// NewEncoder begins the payloads of one lane. They are one stream, which
	// goes on from packet to packet.
	NewEncoder func(level int) (Encoder, error)
	// NewDecoder begins to read those of one lane.
	NewDecoder func() (Decoder, error)
}

// Encoder writes the payloads of one lane.
type Encoder interface {
	// Encode appends the payload of a packet with these pages to dst. The
	// guest may write to the pages meanwhile: whatever goes out decodes to
	// as many bytes.
	Encode(dst []byte, pages [][]byte) ([]byte, error)
	Close()
}

// Decoder reads the payloads of one lane, which may be hostile.
type Decoder interface {
	// Decode fills the pages from a payload. One that decodes to more or to
	// less is an error; no more memory is used than for the pages, whatever
	// it claims.
	Decode(pages [][]byte, payload []byte) error
	Close()
}

// Limits of a packet.
const (
	// PacketPages is how many pages a packet holds at most.
	PacketPages = 128
	// MaxPayload is how large a payload may be, in bytes: twice the pages.
	MaxPayload = 2 * PacketPages * 4096
)

// None is the method of pages that go as they are.
func None() Method { return Method{} }
