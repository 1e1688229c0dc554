package wire

import "encoding/binary"

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

// AppendReply appends a message of the return path.
func AppendReply(b []byte, kind Reply, payload []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(kind))
	b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	return append(b, payload...)
}
