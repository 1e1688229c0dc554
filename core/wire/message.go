package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Message is a message of the return path as values; those that its kind does not have are zero.
type Message struct {
	Kind   Reply
	Value  uint32 // of SHUT, PONG and RESUME_ACK
	Start  uint64 // of a page request, in bytes from the block's beginning
	Length uint32 // of a page request, in bytes
	Block  string // of REQ_PAGES_ID and RECV_BITMAP

	Estimate time.Duration
}

// pagesSize is the length of a page request without the name of a block.
const pagesSize = 8 + 4

// ParseMessage takes a message apart whose header was good: payload is as long as it said.
func ParseMessage(kind Reply, payload []byte) (Message, error) {
	m := Message{Kind: kind}
	switch kind {
	case ReplyShut, ReplyPong, ReplyResumeAck:
		m.Value = binary.BigEndian.Uint32(payload)
	case ReplyEstimate:
		var err error
		m.Estimate, err = parseEstimate(payload)
		return m, err
	case ReplyReqPages:
		m.pages(payload)
	case ReplyReqPagesID:
		want := pagesSize + 1
		if len(payload) >= want {
			want += int(payload[pagesSize])
		}
		if len(payload) != want {
			return m, fmt.Errorf("Req_Page_id with length %d expecting %d", len(payload), want)
		}
		m.pages(payload)
		m.Block = string(payload[pagesSize+1:])
	case ReplyRecvBitmap:
		if len(payload) == 0 {
			return m, errors.New("MIG_RP_MSG_RECV_BITMAP missing block name")
		}
		if want := 1 + int(payload[0]); len(payload) != want {
			return m, fmt.Errorf("MIG_RP_MSG_RECV_BITMAP with length %d expecting %d", len(payload), want)
		}
		m.Block = string(payload[1:])
	}
	return m, nil
}

func (m *Message) pages(payload []byte) {
	m.Start, m.Length = binary.BigEndian.Uint64(payload), binary.BigEndian.Uint32(payload[8:])
}

// AppendPageRequest appends a request for pages of a block, in bytes. Without a
// name it is the block of the request before.
func AppendPageRequest(b []byte, block string, start uint64, length uint32) []byte {
	var payload [pagesSize + 1 + MaxName]byte
	p := binary.BigEndian.AppendUint64(payload[:0], start)
	p = binary.BigEndian.AppendUint32(p, length)
	if block == "" {
		return AppendReply(b, ReplyReqPages, p)
	}
	return AppendReply(b, ReplyReqPagesID, AppendCounted(p, block))
}
