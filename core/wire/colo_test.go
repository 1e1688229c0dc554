package wire

import (
	"encoding/hex"
	"testing"
)

func TestCOLOMessages(t *testing.T) {
	for m, want := range map[COLOMessage]struct {
		name, bytes string
		known       bool
	}{
		COLOCheckpointReady:   {"checkpoint-ready", "00000000", true},
		COLOCheckpointRequest: {"checkpoint-request", "00000001", true},
		COLOCheckpointReply:   {"checkpoint-reply", "00000002", true},
		COLOVMStateSend:       {"vmstate-send", "00000003", true},
		COLOVMStateSize:       {"vmstate-size", "00000004", true},
		COLOVMStateReceived:   {"vmstate-received", "00000005", true},
		COLOVMStateLoaded:     {"vmstate-loaded", "00000006", true},
		7:                     {"unknown", "00000007", false},
		1<<32 - 1:             {"unknown", "ffffffff", false},
	} {
		b := AppendCOLO(nil, m)
		if got := hex.EncodeToString(b); got != want.bytes || m.String() != want.name || m.Known() != want.known {
			t.Errorf("%d: %s %s %v", m, got, m, m.Known())
		}
		if got := ParseCOLO([COLOMessageSize]byte(b)); got != m {
			t.Errorf("%d came back as %d", m, got)
		}
		if m.HasValue() != (m == COLOVMStateSize) {
			t.Errorf("%s has a value: %v", m, m.HasValue())
		}
	}
	b := AppendCOLOValue(nil, COLOVMStateSize, 1<<63|5)
	if got := hex.EncodeToString(b); got != "000000048000000000000005" {
		t.Errorf("with a value: %s", got)
	}
	if v := ParseCOLOValue([COLOValueSize]byte(b[COLOMessageSize:])); v != 1<<63|5 {
		t.Errorf("the value came back as %#x", v)
	}
}
