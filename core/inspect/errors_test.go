package inspect

import (
	"bytes"
	"strings"
	"testing"

	"qmpmigrate/core/wire"
)

func TestErrors(t *testing.T) {
	m := func() *builder { return newBuilder().head("m") }
	part := func() *builder { return m().ramStart().ramPart() }
	for name, test := range map[string]struct {
		stream *builder
		want   string
	}{
		"magic":              {newBuilder().raw([]byte("QEVN\x00\x00\x00\x03")...), "header, at offset 0x8 of the stream: Not a migration stream"},
		"old version":        {newBuilder().raw([]byte("QEVM\x00\x00\x00\x02")...), "SaveVM v2 format is obsolete and don't work anymore"},
		"version":            {newBuilder().raw([]byte("QEVM\x00\x00\x00\x04")...), "Unsupported migration stream version"},
		"no configuration":   {newBuilder().raw([]byte("QEVM\x00\x00\x00\x03\x01")...), "Configuration section missing"},
		"long machine":       {newBuilder().head(strings.Repeat("m", 300)), "Failed to load configuration:name: count 300 is outside 0 to 256"},
		"configuration":      {m().subsection("configuration/x"), `subsection "configuration/x" is unknown here`},
		"type":               {m().raw(9), "section header, at offset 0xf of the stream: Unknown savevm section type 9"},
		"unknown id":         {m().raw(2).u32(77), "Unknown savevm section 77"},
		"id twice":           {m().ramStart().open(wire.SectionFull, ramID, "x", 0, 1), "x, at offset 0x5e of the stream: section id 1 is used twice"},
		"footer":             {part().eos().raw(0x7f).u32(ramID), "ram, at offset 0x5d of the stream: Missing section footer for ram"},
		"footer id":          {part().eos().footer(2), "Mismatched section id in footer for ram - read 0x2 expected 0x1"},
		"device footer":      {m().open(wire.SectionFull, 3, "x", 0, 1).footer(4).raw(0), "x, at offset 0x1f of the stream: body at offset 0x1d: no section footer before the end of the stream"},
		"command 0":          {m().command(0), "MIG_CMD 0x0 unknown (len 0x0)"},
		"command 99":         {m().command(99, 1), "MIG_CMD 0x63 unknown (len 0x1)"},
		"command length":     {m().command(wire.CmdPing, 1), "PING received with bad length - expecting 4, got 1"},
		"package in package": {m().command(wire.CmdPackaged, 0, 0, 0, 9).command(wire.CmdPackaged, 0, 0, 0, 0), "package inside a package"},
		"EOF in a package":   {m().command(wire.CmdPackaged, 0, 0, 0, 1).raw(0), "Unknown savevm section type 0"},
		"ram version":        {m().open(wire.SectionStart, ramID, "ram", 0, 3), "version 3 instead of 4"},
		"flags":              {part().record(0, 0), "Unknown combination of migration flags: 0x0"},
		"flags together":     {part().record(0, wire.RAMPage|wire.RAMZero), "Unknown combination of migration flags: 0xa"},
		"eos and continue":   {part().record(0, wire.RAMEOS|wire.RAMContinue), "Unknown combination of migration flags: 0x30"},
		"list and continue":  {m().open(wire.SectionStart, ramID, "ram", 0, 4).record(0, wire.RAMMemSize|wire.RAMContinue), "Unknown combination of migration flags: 0x24"},
		"list in a part":     {part().record(0, wire.RAMMemSize), "a second list of RAM blocks"},
		"block":              {part().record(0, wire.RAMZero).name("x"), "ram, at offset 0x5e of the stream: Can't find block x"},
		"no list":            {m().open(wire.SectionStart, ramID, "ram", 0, 4).record(0, wire.RAMZero).name("x"), "Can't find block x"},
		"offset":             {part().record(0x10000, wire.RAMZero).name("pc.ram"), "Illegal RAM offset 10000 in block pc.ram"},
		"no block":           {part().record(0, wire.RAMZero|wire.RAMContinue), "Ack, bad migration stream!"},
		"xbzrle encoding":    {part().record(0, wire.RAMXBZRLE).name("rom").raw(2, 0, 0), "Failed to load XBZRLE page - wrong compression! 2"},
		"xbzrle length":      {part().record(0, wire.RAMXBZRLE).name("rom").raw(1, 0x10, 1), "Invalid compressed data length: 4097"},
		"compressed length":  {part().record(0, wire.RAMCompressPage).name("rom").u32(5000), "Invalid compressed data length: 5000"},
		"block sizes":        {m().open(wire.SectionStart, ramID, "ram", 0, 4).record(0x1000, wire.RAMMemSize).name("b").u32(0).u32(0x2000), "RAM block b has 0x2000 bytes, 0x1000 are left"},
		"block length":       {m().open(wire.SectionStart, ramID, "ram", 0, 4).record(0x1000, wire.RAMMemSize).name("b").u32(0).u32(1), "RAM block b has a length of 0x1 bytes"},
		"no description":     {m().raw(0), "Expected vmdescription section, but got 0"},
		"other description":  {m().raw(0, 9), "Expected vmdescription section, but got 9"},
		"description text":   {m().raw(0, 6).u32(2).raw('{', 'x'), "vmdescription, at offset 0x14 of the stream: vmdescription: at byte 1: 'x' instead of"},
		"bytes behind":       {m().raw(0, 6).u32(2).raw('{', '}', 0), "end, at offset 0x16 of the stream: bytes follow the end"},
		"mapped-ram":         {m().subsection("configuration/capabilities").u32(1).name("mapped-ram").open(wire.SectionStart, ramID, "ram", 0, 4).record(0x1000, wire.RAMMemSize).name("b").u32(0).u32(0x1000).raw(make([]byte, wire.MappedHeaderSize)...), "RAM block b: the bitmap is said to be at 0x0 of the file"},
	} {
		_, err := Read(bytes.NewReader(test.stream.b))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// The description and the sections must agree.
func TestDescriptionErrors(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"unknown section": {`{"devices": []}`, "timer, at offset 0xe of the stream: the vmdescription does not know this section"},
		"other instance":  {`{"devices": [{"name": "timer", "instance_id": 1}]}`, "does not know this section"},
		"version":         {`{"devices": [{"name": "timer", "vmsd_name": "timer", "version": 3, "fields": []}]}`, "version 2, but the vmdescription says 3"},
		"too much":        {`{"devices": [{"name": "timer", "fields": [{"name": "a", "type": "uint64", "size": 8}]}]}`, `timer, at offset 0x29 of the stream: section "timer" instance 0: at byte 0x8 of the body: 12 bytes are left over`},
		"too little":      {`{"devices": [{"name": "timer", "fields": [{"name": "a", "type": "uint64", "array_len": 3, "size": 8}]}]}`, `timer, at offset 0x21 of the stream: section "timer" instance 0: field a at byte 0x0`},
		"more devices":    {`{"devices": [{"name": "timer", "fields": [{"name": "a", "type": "buffer", "size": 20}]}, {"name": "x"}]}`, "2 devices are described, 1 came"},
	} {
		s := newBuilder().head("m").device(t, timerID, "timer", 0, timerState())
		s.raw(0, 6).u32(uint32(len(test.text))).raw([]byte(test.text)...)
		_, err := Read(bytes.NewReader(s.b))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
