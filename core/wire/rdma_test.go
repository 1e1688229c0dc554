package wire

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

func hexed(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Each record, byte for byte.
func TestRDMARecords(t *testing.T) {
	for _, c := range []struct {
		want string
		got  []byte
	}{
		{"00000001 00000001", RDMAPrivate{RDMAVersion, RDMAPinAll}.Append(nil)},
		{"00000018 00000007 00000001 00000000", RDMAHeader{RDMARegisterSize, RDMARegisterRequest, 1}.Append(nil)},
		{"00000000 00000002 00000001 00000000", RDMAHeader{0, RDMAReady, 1}.Append(nil)},
		{"00008000 00000003 00000000 00000000", RDMAHeader{MaxRDMAFile, RDMAFile, 0}.Append(nil)},
		{"00000000 00000004 00000001 00000000", RDMAHeader{0, RDMARAMBlocksRequest, 1}.Append(nil)},
		{"00000020 00000005 00000001 00000000", RDMAHeader{RDMABlockSize, RDMARAMBlocksResult, 1}.Append(nil)},
		{"00000018 00000006 00000001 00000000", RDMAHeader{RDMAZerosSize, RDMACompress, 1}.Append(nil)},
		{"00000010 00000008 00000001 00000000", RDMAHeader{RDMARegisteredSize, RDMARegisterResult, 1}.Append(nil)},
		{"00000000 00000009 00000001 00000000", RDMAHeader{0, RDMARegisterFinished, 1}.Append(nil)},
		{"00000018 0000000a 00000001 00000000", RDMAHeader{RDMARegisterSize, RDMAUnregisterRequest, 1}.Append(nil)},
		{"00000000 0000000b 00000001 00000000", RDMAHeader{0, RDMAUnregisterFinished, 1}.Append(nil)},
		{"00007f0102030000 0000000000100000 0000000008000000 01020304 00000000",
			RDMABlock{0x7f0102030000, 1 << 20, 128 << 20, 0x01020304}.Append(nil)},
		{"0000000000203000 00000002 00000000 0000000000000001", RDMARegister{0x203000, 2, 1}.Append(nil)},
		{"89abcdef 00000000 00007f0102030000", RDMARegistered{0x89abcdef, 0x7f0102030000}.Append(nil)},
		{"00000000 00000003 0000000000100000 0000000000001000", RDMAZeros{3, 1 << 20, 4096}.Append(nil)},
	} {
		if want := hexed(t, c.want); !bytes.Equal(c.got, want) {
			t.Errorf("got %x, want %x", c.got, want)
		}
	}
}

func TestRDMAMessages(t *testing.T) {
	long := make([]byte, MaxRDMAMessage+1)
	copy(long, RDMAHeader{MaxRDMAMessage - RDMAHeaderSize + 1, RDMAFile, 0}.Append(nil))
	for _, c := range []struct {
		b    []byte
		want RDMAControl
		err  string
	}{
		{hexed(t, "00000000 00000002 00000001 00000000"), RDMAReady, ""},
		{hexed(t, "00000002 00000003 00000000 00000000 5145"), RDMAFile, ""},
		{hexed(t, "00000000 00000009 00000001 00000000"), RDMANone, ""},
		{hexed(t, "00000000 00000001 00000001 00000000"), RDMAReady,
			"Was expecting a READY (2) control message, but got: ERROR (1), length: 0"},
		{hexed(t, "00000005 0000000c 00000001 00000000"), RDMAFile,
			"Was expecting a QEMU FILE (3) control message, but got: ??BAD CONTROL VALUE?? (12), length: 5"},
		{hexed(t, "00000005 00000003 00000001 00000000"), RDMAFile, "Malformed length: 5 byte_len 16"},
		{hexed(t, "00000000 00000003 00000001 00000000 00"), RDMAFile, "Malformed length: 0 byte_len 17"},
		{hexed(t, "ffffffff 00000003 00000001 00000000"), RDMAFile, "too long length: -1"},
		{long, RDMAFile, "too long length: 524273"},
		{hexed(t, "00000000 00000003"), RDMAFile, "Malformed length: 0 byte_len 8"},
		{nil, RDMANone, "Malformed length: 0 byte_len 0"},
	} {
		_, data, err := ParseRDMAMessage(c.b, c.want)
		if got := text(err); got != c.err || err == nil && len(data) != len(c.b)-RDMAHeaderSize {
			t.Errorf("%.40x: %q with %d bytes, want %q", c.b, got, len(data), c.err)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestRDMABounds(t *testing.T) {
	one := RDMARegister{Key: 1}.Append(nil)
	for want, err := range map[string]error{
		"RDMA private data of 7 bytes":                   second(ParseRDMAPrivate(make([]byte, 7))),
		"Unknown source RDMA version: 0, bailing...":     second(ParseRDMAPrivate(make([]byte, 56))),
		"a list of RAM blocks of 33 bytes":               second(ParseRDMABlocks(make([]byte, 33))),
		"rdma: 24 bytes for 2 entries of 24":             second(ParseRDMARegister(one, 1, 2)),
		"rdma: 24 bytes for 4294967295 entries of 24":    second(ParseRDMARegister(one, 0, 1<<32-1)),
		"rdma: 0 bytes for 1 entries of 16":              second(ParseRDMARegistered(nil)),
		"rdma: 23 bytes for 1 entries of 24":             second(ParseRDMAZeros(make([]byte, 23))),
		"rdma: Zero page with non-zero (16777216) value": second(ParseRDMAZeros(append([]byte{1}, make([]byte, 23)...))),
	} {
		if text(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if p, err := ParseRDMAPrivate(append(RDMAPrivate{1, 3}.Append(nil), make([]byte, 48)...)); err != nil || p != (RDMAPrivate{1, 3}) {
		t.Errorf("%+v, %v", p, err)
	}
}

func second[T any](_ T, err error) error { return err }

// Whatever comes: what is taken lies within its bounds, and says the same again.
func FuzzRDMAMessage(f *testing.F) {
	for _, h := range []RDMAHeader{{0, RDMAReady, 1}, {24, RDMARegisterRequest, 1}, {48, RDMAUnregisterRequest, 2},
		{24, RDMACompress, 1}, {16, RDMARegisterResult, 1}, {64, RDMARAMBlocksResult, 1}, {1 << 31, RDMAFile, 0}} {
		f.Add(h.Append(nil), uint32(0))
		f.Add(append(h.Append(nil), make([]byte, h.Size%1024)...), uint32(h.Kind))
	}
	f.Fuzz(func(t *testing.T, b []byte, want uint32) {
		h, data, err := ParseRDMAMessage(b, RDMAControl(want))
		_ = h.Kind.String()
		if err != nil {
			return
		}
		if int(h.Size) != len(data) || len(data) > MaxRDMAMessage || !bytes.Equal(h.Append(nil)[:12], b[:12]) {
			t.Fatalf("%+v of %d bytes", h, len(b))
		}
		if list, err := ParseRDMABlocks(data); err == nil {
			var again []byte
			for _, e := range list {
				again = e.Append(again)
			}
			if len(again) != len(data) {
				t.Fatal("a list changes when it is written again")
			}
		}
		for i := range min(h.Repeat, 8) {
			if e, err := ParseRDMARegister(data, i, h.Repeat); err == nil && len(e.Append(nil)) != RDMARegisterSize {
				t.Fatal("an entry changes its length")
			}
		}
		if e, err := ParseRDMARegistered(data); err == nil && !bytes.Equal(e.Append(nil)[:4], data[:4]) {
			t.Fatal("an answer changes")
		}
		if e, err := ParseRDMAZeros(data); err == nil && !bytes.Equal(e.Append(nil), data) {
			t.Fatal("a range changes")
		}
	})
}
