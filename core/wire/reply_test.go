package wire

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// parse takes a whole message apart, as it stands on the return path.
func parse(b []byte) (Message, error) {
	h, err := ParseReplyHeader([ReplyHeaderSize]byte(b))
	if err != nil {
		return Message{}, err
	}
	return ParseMessage(h.Kind, b[ReplyHeaderSize:][:h.Size])
}

func TestReplies(t *testing.T) {
	const request = "000000000244d000 00001000"
	name := hex.EncodeToString([]byte("pc.ram"))
	for _, c := range []struct {
		bytes, err string
		want       Message
	}{
		{bytes: "0001 0004 00000000", want: Message{Kind: ReplyShut}},
		{bytes: "0001 0004 00000007", want: Message{Kind: ReplyShut, Value: 7}},
		{bytes: "0002 0004 00000001", want: Message{Kind: ReplyPong, Value: 1}},
		{bytes: "0003 0013" + request + "06" + name, want: Message{Kind: ReplyReqPagesID, Start: 0x244d000, Length: 4096, Block: "pc.ram"}},
		{bytes: "0004 000c" + request, want: Message{Kind: ReplyReqPages, Start: 0x244d000, Length: 4096}},
		{bytes: "0005 0007 06" + name, want: Message{Kind: ReplyRecvBitmap, Block: "pc.ram"}},
		{bytes: "0006 0004 00000001", want: Message{Kind: ReplyResumeAck, Value: ResumeAck}},
		{bytes: "0007 0000", want: Message{Kind: ReplySwitchoverAck}},

		{bytes: "0000 0000", err: "Received invalid message 0x0000 length 0x0000"},
		{bytes: "0008 0003", err: "Received invalid message 0x0008 length 0x0003"},
		{bytes: "ffff ffff", err: "Received invalid message 0xffff length 0xffff"},
		{bytes: "0001 0003 000000", err: "Received 'SHUT' message (0x0001) withincorrect length 3 expecting 4"},
		{bytes: "0002 0000", err: "Received 'PONG' message (0x0002) withincorrect length 0 expecting 4"},
		{bytes: "0004 000b", err: "Received 'REQ_PAGES' message (0x0004) withincorrect length 11 expecting 12"},
		{bytes: "0006 0005", err: "Received 'RESUME_ACK' message (0x0006) withincorrect length 5 expecting 4"},
		{bytes: "0007 0001", err: "Received 'SWITCHOVER_ACK' message (0x0007) withincorrect length 1 expecting 0"},
		{bytes: "0003 0201", err: "Received 'REQ_PAGES_ID' message (0x0003) withincorrect length 513 expecting 18446744073709551615"},
		{bytes: "0005 0258", err: "Received 'RECV_BITMAP' message (0x0005) withincorrect length 600 expecting 18446744073709551615"},
		{bytes: "0003 000c" + request, err: "Req_Page_id with length 12 expecting 13"},
		{bytes: "0003 0013" + request + "07" + name, err: "Req_Page_id with length 19 expecting 20"},
		{bytes: "0005 0000", err: "MIG_RP_MSG_RECV_BITMAP missing block name"},
		{bytes: "0005 0003 06 7063", err: "MIG_RP_MSG_RECV_BITMAP with length 3 expecting 7"},
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(c.bytes, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		got, err := parse(b)
		switch {
		case c.err == "" && (err != nil || got != c.want):
			t.Errorf("%s: %+v, %v", c.bytes, got, err)
		case c.err != "" && (err == nil || err.Error() != c.err):
			t.Errorf("%s: got %v, want %s", c.bytes, err, c.err)
		}
	}
}

// Whatever comes is taken apart within its bounds or refused, and what was
// taken apart is the same when it is put together again.
func FuzzReply(f *testing.F) {
	for _, text := range []string{"0001000400000001", "00030013000000000244d000000010000670632e72616d", "00050003067063", "00070000", "7101000800000000000f4240", "00000000"} {
		b, err := hex.DecodeString(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < ReplyHeaderSize {
			return
		}
		h, err := ParseReplyHeader([ReplyHeaderSize]byte(b))
		if err != nil {
			return
		}
		if h.Size > MaxReply {
			t.Fatalf("%d bytes are announced", h.Size)
		}
		payload := b[ReplyHeaderSize:]
		if len(payload) < h.Size {
			return
		}
		payload = payload[:h.Size]
		m, err := ParseMessage(h.Kind, payload)
		if err != nil {
			return
		}
		if again := m.payload(); !bytes.Equal(again, payload) {
			t.Errorf("% x became % x", payload, again)
		}
	})
}

// payload puts a message together.
func (m *Message) payload() []byte {
	var b []byte
	u32 := func(v uint32) { b = append(b, byte(v>>24), byte(v>>16), byte(v>>8), byte(v)) }
	switch m.Kind {
	case ReplyShut, ReplyPong, ReplyResumeAck:
		u32(m.Value)
	case ReplyEstimate:
		us := uint64(m.Estimate.Microseconds())
		u32(uint32(us >> 32))
		u32(uint32(us))
	case ReplyReqPages, ReplyReqPagesID:
		u32(uint32(m.Start >> 32))
		u32(uint32(m.Start))
		u32(m.Length)
	}
	if m.Kind == ReplyReqPagesID || m.Kind == ReplyRecvBitmap {
		b = AppendCounted(b, m.Block)
	}
	return b
}
