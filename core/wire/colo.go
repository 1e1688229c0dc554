package wire

import "encoding/binary"

// COLOMessage is what primary and secondary tell each other once the first
// migration is over: a number, and behind some of them a value.
type COLOMessage uint32

// The messages; who sends each.
const (
	COLOCheckpointReady   COLOMessage = iota // secondary: the VM is here
	COLOCheckpointRequest                    // primary
	COLOCheckpointReply                      // secondary: its VM stands
	COLOVMStateSend                          // primary: its VM stands, memory follows
	COLOVMStateSize                          // primary: so many bytes of device state follow
	COLOVMStateReceived                      // secondary: all of the checkpoint is here
	COLOVMStateLoaded                        // secondary: its VM goes on from there
	coloMessages                             // how many there are
)

// Lengths of a message and of the value behind one, in bytes.
const (
	COLOMessageSize = 4
	COLOValueSize   = 8
)

// Known says whether it is a message.
func (m COLOMessage) Known() bool { return m < coloMessages }

// HasValue says whether a value stands behind it.
func (m COLOMessage) HasValue() bool { return m == COLOVMStateSize }

func (m COLOMessage) String() string {
	switch m {
	case COLOCheckpointReady:
		return "checkpoint-ready"
	case COLOCheckpointRequest:
		return "checkpoint-request"
	case COLOCheckpointReply:
		return "checkpoint-reply"
	case COLOVMStateSend:
		return "vmstate-send"
	case COLOVMStateSize:
		return "vmstate-size"
	case COLOVMStateReceived:
		return "vmstate-received"
	case COLOVMStateLoaded:
		return "vmstate-loaded"
	}
	return "unknown"
}

// AppendCOLO appends a message without value.
func AppendCOLO(b []byte, m COLOMessage) []byte {
	return binary.BigEndian.AppendUint32(b, uint32(m))
}

// AppendCOLOValue appends a message with its value.
func AppendCOLOValue(b []byte, m COLOMessage, value uint64) []byte {
	return binary.BigEndian.AppendUint64(AppendCOLO(b, m), value)
}

// ParseCOLO takes a message; it may be one that is not known.
func ParseCOLO(b [COLOMessageSize]byte) COLOMessage {
	return COLOMessage(binary.BigEndian.Uint32(b[:]))
}

// ParseCOLOValue takes the value behind a message.
func ParseCOLOValue(b [COLOValueSize]byte) uint64 { return binary.BigEndian.Uint64(b[:]) }
