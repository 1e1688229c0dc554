package dissect

import (
	"encoding/binary"
	"fmt"
)

// shortStream is what a cursor panics with at the end of its data; Read turns it into an error.
type shortStream struct{ at int64 }

func (s shortStream) Error() string { return fmt.Sprintf("stream ends within what is at %#x", s.at) }

// cursor walks over a stream.
type cursor struct {
	data []byte
	at   int64
}

func (c *cursor) bytes(n int) []byte {
	if n < 0 || int64(len(c.data))-c.at < int64(n) {
		panic(shortStream{c.at})
	}
	b := c.data[c.at : c.at+int64(n)]
	c.at += int64(n)
	return b
}

func (c *cursor) u8() byte     { return c.bytes(1)[0] }
func (c *cursor) u16() uint16  { return binary.BigEndian.Uint16(c.bytes(2)) }
func (c *cursor) u32() uint32  { return binary.BigEndian.Uint32(c.bytes(4)) }
func (c *cursor) u64() uint64  { return binary.BigEndian.Uint64(c.bytes(8)) }
func (c *cursor) text() string { return string(c.bytes(int(c.u8()))) }
