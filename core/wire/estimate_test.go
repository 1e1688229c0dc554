package wire

import (
	"testing"
	"time"
)

func TestEstimate(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		0: 0, -time.Second: 0, 1480 * time.Millisecond: 1480 * time.Millisecond, 1<<63 - 1: MaxEstimate, 1500: time.Microsecond,
	} {
		b := AppendEstimate(nil, d)
		h, err := ParseReplyHeader([ReplyHeaderSize]byte(b))
		if err != nil || h.Kind != ReplyEstimate || h.Size != len(b)-ReplyHeaderSize {
			t.Fatalf("%s: %v, %v", d, h, err)
		}
		if m, err := ParseMessage(h.Kind, b[ReplyHeaderSize:]); err != nil || m.Estimate != want {
			t.Errorf("%s: %s, %v", d, m.Estimate, err)
		}
	}
	if _, err := ParseMessage(ReplyEstimate, []byte{0xff, 0, 0, 0, 0, 0, 0, 0}); err == nil {
		t.Error("an estimate of a million years")
	}
	if _, err := ParseReplyHeader([ReplyHeaderSize]byte{0x71, 1, 0, 4}); err == nil {
		t.Error("an estimate of four bytes")
	}
	if size, ok := CmdEstimate.PayloadSize(); !ok || size != 0 || CmdEstimate.Known() {
		t.Errorf("the command has %d bytes", size)
	}
}
