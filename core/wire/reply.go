package wire

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Reply is the kind of a message on the return path.
type Reply uint16

// Messages of the destination.
const (
	ReplyShut          Reply = 1
	ReplyPong          Reply = 2
	ReplyReqPagesID    Reply = 3
	ReplyReqPages      Reply = 4
	ReplyRecvBitmap    Reply = 5
	ReplyResumeAck     Reply = 6
	ReplySwitchoverAck Reply = 7
)

const (
	// ReplyHeaderSize is the length of what opens a message, in bytes.
	ReplyHeaderSize = 4
	// MaxReply bounds the payload of a message, in bytes.
	MaxReply = 512
	// ResumeAck is the only value that RESUME_ACK may have.
	ResumeAck = 1
)

// AppendReply appends a message of the return path.
func AppendReply(b []byte, kind Reply, payload []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(kind))
	b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	return append(b, payload...)
}

// ReplyHeader opens a message.
type ReplyHeader struct {
	Kind Reply
	Size int // of the payload, at most MaxReply
}

// ParseReplyHeader takes a header apart; what it says of a bad one is in QEMU's words.
func ParseReplyHeader(b [ReplyHeaderSize]byte) (ReplyHeader, error) {
	h := ReplyHeader{Reply(binary.BigEndian.Uint16(b[:])), int(binary.BigEndian.Uint16(b[2:]))}
	if !h.Kind.known() {
		return h, fmt.Errorf("Received invalid message 0x%04x length 0x%04x", uint16(h.Kind), h.Size)
	}
	want, fixed := h.Kind.payloadSize()
	if fixed && uint64(h.Size) != want || h.Size > MaxReply {
		// The missing blank is QEMU's, and so is the number where the length varies.
		return h, fmt.Errorf("Received '%s' message (0x%04x) withincorrect length %d expecting %d",
			h.Kind, uint16(h.Kind), h.Size, want)
	}
	return h, nil
}

func (k Reply) known() bool { return k >= ReplyShut && k <= ReplySwitchoverAck || k == ReplyEstimate }

func (k Reply) payloadSize() (size uint64, fixed bool) {
	switch k {
	case ReplyShut, ReplyPong, ReplyResumeAck:
		return 4, true
	case ReplyReqPages:
		return pagesSize, true
	case ReplyEstimate:
		return estimateSize, true
	case ReplySwitchoverAck:
		return 0, true
	}
	return math.MaxUint64, false
}

func (k Reply) String() string {
	switch k {
	case ReplyShut:
		return "SHUT"
	case ReplyPong:
		return "PONG"
	case ReplyReqPagesID:
		return "REQ_PAGES_ID"
	case ReplyReqPages:
		return "REQ_PAGES"
	case ReplyRecvBitmap:
		return "RECV_BITMAP"
	case ReplyResumeAck:
		return "RESUME_ACK"
	case ReplySwitchoverAck:
		return "SWITCHOVER_ACK"
	case ReplyEstimate:
		return "ESTIMATE"
	}
	return "INVALID"
}
