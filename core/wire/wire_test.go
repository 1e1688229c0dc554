package wire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

func TestBytesOnTheWire(t *testing.T) {
	full := SectionHeader{Type: SectionFull, ID: 4, IDStr: "timer", Instance: 1, Version: 2}
	part := SectionHeader{Type: SectionPart, ID: 4, IDStr: "timer"}
	for _, c := range []struct {
		name, want string
		got        []byte
	}{
		{"header", "51 45 56 4d 00 00 00 03", AppendHeader(nil)},
		{"full", "04 00000004 05 74696d6572 00000001 00000002", full.Append(nil)},
		{"part", "02 00000004", part.Append(nil)},
		{"footer", "7e 00000004", AppendFooter(nil, 4)},
		{"switchover start", "08 000b 0000", AppendCommand(nil, CmdSwitchoverStart, nil)},
		{"ping", "08 0002 0004 00000001", AppendCommand(nil, CmdPing, []byte{0, 0, 0, 1})},
		{"mem size", "0000000009682004", AppendRAM(nil, 0x9682000, RAMMemSize)},
		{"block", "06 70632e72616d 0000000009600000", AppendRAMSize(nil, "pc.ram", 0x9600000)},
		{"page", "0000000000000008 06 70632e72616d", AppendRAMName(nil, 0, RAMPage, "pc.ram")},
		{"zero again", "0000000000001022", AppendRAM(nil, 0x1000, RAMZero|RAMContinue)},
		{"pong", "0002 0004 00000001", AppendReply(nil, ReplyPong, []byte{0, 0, 0, 1})},
		{"switchover ack", "0007 0000", AppendReply(nil, ReplySwitchoverAck, nil)},
	} {
		want, err := hex.DecodeString(strings.ReplaceAll(c.want, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(c.got, want) {
			t.Errorf("%s: % x, want % x", c.name, c.got, want)
		}
	}
}

func TestCheckHeader(t *testing.T) {
	for _, c := range []struct {
		magic, version uint32
		want           error
	}{
		{Magic, Version, nil}, {Magic + 1, Version, ErrMagic}, {Magic, 2, ErrObsolete}, {Magic, 4, ErrVersion},
	} {
		if err := CheckHeader(c.magic, c.version); !errors.Is(err, c.want) {
			t.Errorf("%x %d: %v", c.magic, c.version, err)
		}
	}
}

func TestSplitRAM(t *testing.T) {
	addr, flags := SplitRAM(0x12345028)
	if addr != 0x12345000 || flags != RAMPage|RAMContinue {
		t.Errorf("%x %x", addr, flags)
	}
}

func TestCommands(t *testing.T) {
	for code := range CommandCode(20) {
		known := code >= 1 && code <= 11
		if code.Known() != known || (code.String() != "INVALID") != known {
			t.Errorf("command %d: known %v, %s", code, code.Known(), code)
		}
		if _, fixed := code.PayloadSize(); fixed && !known {
			t.Errorf("command %d has a size", code)
		}
	}
}
