package faults

import (
	"math"

	"qmpmigrate/core/wire"
)

// A hostileDestination takes all that comes, and says something.
type hostileDestination struct {
	name  string
	says  []byte
	want  string // what query-migrate says
	alone string // why QEMU is not asked
}

func message(kind wire.Reply, payload ...byte) []byte { return wire.AppendReply(nil, kind, payload) }

func bitmap(name string, size uint64) []byte {
	return wire.AppendBitmap(message(wire.ReplyRecvBitmap, wire.AppendCounted(nil, name)...), make([]byte, size))
}

// babble are messages that are wrong whenever they come.
func babble() []hostileDestination {
	return []hostileDestination{
		{name: "a stream", says: wire.AppendHeader(nil), want: "Received invalid message 0x5145 length 0x564d"},
		{name: "message 0", says: []byte{0, 0, 0, 0}, want: "Received invalid message 0x0000 length 0x0000"},
		{name: "a long PONG", says: []byte{0, 2, 255, 255}, want: "Received 'PONG' message (0x0002) withincorrect length 65535 expecting 4"},
		{name: "a short SHUT", says: []byte{0, 1, 0, 2, 0, 0}, want: "Received 'SHUT' message (0x0001) withincorrect length 2 expecting 4"},
		{name: "a long request", says: []byte{0, 3, 2, 1}, want: "Received 'REQ_PAGES_ID' message (0x0003) withincorrect length 513 expecting 18446744073709551615"},
		{name: "a request whose name is longer than itself", says: message(wire.ReplyReqPagesID, append(make([]byte, 12), 255, 'r', 'a', 'm')...),
			want: "Req_Page_id with length 16 expecting 268"},
		{name: "a request without name", says: message(wire.ReplyReqPagesID, make([]byte, 12)...), want: "Req_Page_id with length 12 expecting 13"},
		{name: "a bitmap without name", says: message(wire.ReplyRecvBitmap), want: "MIG_RP_MSG_RECV_BITMAP missing block name"},
		{name: "an ack that is none", says: message(wire.ReplyResumeAck, 0, 0, 0, 2), want: "illegal resume_ack value 2"},
		{name: "a failure", says: message(wire.ReplyShut, 0, 0, 0, 1), want: "Sibling indicated error 1"},
		{name: "a failure with a large number", says: message(wire.ReplyShut, 255, 255, 255, 255), want: "Sibling indicated error -1"},
	}
}

// early are messages that are wrong as long as the VM is the source's.
func early(block string) []hostileDestination {
	return []hostileDestination{
		{name: "a request", says: wire.AppendPageRequest(nil, block, 0, 4096), alone: "QEMU sends the page",
			want: "Received 'REQ_PAGES_ID' message (0x0003) outside of postcopy"},
		{name: "a bitmap", says: bitmap(block, 512), want: "Reload bitmap in incorrect state "},
	}
}

// late are messages that are wrong although the VM is the destination's.
func late(block string) []hostileDestination {
	ask := func(name string, start uint64, length uint32) []byte {
		return wire.AppendPageRequest(nil, name, start, length)
	}
	return []hostileDestination{
		{name: "no such block", says: ask("none", 0, 4096), want: "MIG_RP_MSG_REQ_PAGES has no block 'none'"},
		{name: "no block before", says: ask("", 0, 4096), want: "MIG_RP_MSG_REQ_PAGES has no previous block"},
		{name: "misaligned", says: ask(block, 1, 4096), want: "MIG_RP_MSG_REQ_PAGES: Misaligned page request, start:1 len: 4096"},
		{name: "an odd length", says: ask(block, 4096, 4097), want: "MIG_RP_MSG_REQ_PAGES: Misaligned page request, start:1000 len: 4097"},
		{name: "behind the end", says: ask(block, blockRAM, 4096),
			want: "MIG_RP_MSG_REQ_PAGES request overrun, start=1000000 len=1000 blocklen=1000000"},
		{name: "over the end", says: ask(block, blockRAM-4096, 8192),
			want: "MIG_RP_MSG_REQ_PAGES request overrun, start=fff000 len=2000 blocklen=1000000"},
		{name: "around the end", says: ask(block, math.MaxUint64-4095, 8192), alone: "QEMU ends by a signal",
			want: "MIG_RP_MSG_REQ_PAGES request overrun, start=fffffffffffff000 len=2000 blocklen=1000000"},
		{name: "all that can be asked for", says: ask(block, 0, math.MaxUint32-4095), alone: "QEMU takes the length for a negative one",
			want: "MIG_RP_MSG_REQ_PAGES request overrun, start=0 len=fffff000 blocklen=1000000"},
		{name: "a bitmap", says: bitmap(block, 512), want: "Reload bitmap in incorrect state "},
	}
}
