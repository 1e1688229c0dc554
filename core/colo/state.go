package colo

import (
	"fmt"

	"qmpmigrate/core/wire"
)

// maxState bounds the device state of one checkpoint, in bytes: that of a real
// machine is some tens of KiB, and with large graphics cards some tens of MiB.
const maxState = 256 << 20

// stateChunk is how much memory an announced length costs before anything has come.
const stateChunk = 64 << 10

// State hears how much device state follows, and takes it into buf, whose memory
// is used again.
func (t *Talk) State(buf []byte) ([]byte, error) {
	size, err := t.ExpectValue(wire.COLOVMStateSize)
	if err != nil {
		return buf, err
	}
	if size > maxState {
		return buf, fmt.Errorf("Unreasonably large device state: %d", size)
	}
	buf = buf[:0]
	for uint64(len(buf)) < size {
		part := int(min(size-uint64(len(buf)), stateChunk))
		at := len(buf)
		if cap(buf)-at < part {
			grown := make([]byte, at, min(max(2*cap(buf), stateChunk), int(size)))
			copy(grown, buf)
			buf = grown
			part = min(part, cap(buf)-at)
		}
		before := t.in.Offset()
		t.in.Full(buf[at : at+part])
		if t.in.Err() != nil {
			return buf, fmt.Errorf("Got %d VMState data, less than expected %d", uint64(at)+uint64(t.in.Offset()-before), size)
		}
		buf = buf[:at+part]
	}
	return buf, nil
}
