package wire

import (
	"encoding/binary"
	"fmt"
	"time"
)

// What only ends of our own say to each other has numbers far from QEMU's.
const (
	// CmdEstimate asks how long the destination will take from the last byte
	// to the start of the VM.
	CmdEstimate CommandCode = 0x7101
	// ReplyEstimate is the answer, in microseconds.
	ReplyEstimate Reply = 0x7101
)

// MaxEstimate bounds an estimate: what is longer is nonsense.
const MaxEstimate = 24 * time.Hour

const estimateSize = 8

// AppendEstimate appends a message with an estimate, which is cut to what is allowed.
func AppendEstimate(b []byte, d time.Duration) []byte {
	d = min(max(d, 0), MaxEstimate)
	return AppendReply(b, ReplyEstimate, binary.BigEndian.AppendUint64(nil, uint64(d.Microseconds())))
}

func parseEstimate(payload []byte) (time.Duration, error) {
	n := binary.BigEndian.Uint64(payload)
	if n > uint64(MaxEstimate.Microseconds()) {
		return 0, fmt.Errorf("the destination estimates %d microseconds", n)
	}
	return time.Duration(n) * time.Microsecond, nil
}
