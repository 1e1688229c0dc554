package multifd

import (
	"bytes"
	"compress/zlib"
	"errors"
	"slices"
	"strings"
	"testing"

	"qmpmigrate/channels"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/wire"
)

// payloads are three packets of three pages by an encoder of ours.
func payloads(t testing.TB, m Method) (packets [][]byte) {
	e, source := newEncoder(t, m, 1), &text{x: 7}
	for range 3 {
		p, err := e.Encode(nil, cut(source.pages(3)))
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, p)
	}
	return packets
}

// ended is a zlib stream that ends.
func ended(t *testing.T, raw []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), zlibFlushed...)
}

func TestPayloadsThatAreWrong(t *testing.T) {
	z, s := payloads(t, Zlib()), payloads(t, Zstd())
	bomb := func(m Method) []byte {
		p, err := newEncoder(t, m, 1).Encode(nil, [][]byte{make([]byte, 4<<20)})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	set := func(p []byte, at int, bits byte) []byte {
		p = slices.Clone(p)
		p[at] |= bits
		return p
	}
	for _, c := range []struct {
		method  string
		what    string
		payload []byte
		pages   int
		want    string
	}{
		{"zlib", "nothing", nil, 1, "inflate generated too few output"},
		{"zlib", "no flush", z[0][:len(z[0])-1], 3, "inflate generated too few output"},
		{"zlib", "less", z[0], 4, "inflate generated too few output"},
		{"zlib", "more", z[0], 2, "packet size received 8193 size expected 8192"},
		{"zlib", "two packets", slices.Concat(z[0], z[1]), 3, "packet size received 12289 size expected 12288"},
		{"zlib", "a bomb", bomb(Zlib()), 128, "packet size received 524289 size expected 524288"},
		{"zlib", "no header", z[1], 3, "inflate returned -3 instead of Z_OK"},
		{"zlib", "a dictionary", append([]byte{0x78, 0x20}, z[0][2:]...), 3, "inflate returned -3 instead of Z_OK"},
		{"zlib", "a bad block", []byte("\x78\x01\x07\x00\x00\xff\xff"), 1, "inflate returned -3 instead of Z_OK"},
		{"zlib", "an end", ended(t, make([]byte, 3*pageSize)), 3, "inflate returned 1 instead of Z_OK"},
		{"zlib", "far back", []byte("\x78\x01\x63\x80\x31\x00\x00\x00\x00\xff\xff"), 1, "inflate returned -3 instead of Z_OK"},
		{"zstd", "nothing", nil, 1, "decompressStream buffer too small"},
		{"zstd", "part of a block", s[0][:len(s[0])-1], 3, "decompressStream buffer too small"},
		{"zstd", "less", s[0], 4, "decompressStream buffer too small"},
		{"zstd", "more", s[0], 2, "packet size received 8193 size expected 8192"},
		{"zstd", "two packets", slices.Concat(s[0], s[1]), 3, "bytes left of a packet"},
		{"zstd", "a bomb", bomb(Zstd()), 128, "bytes left of a packet"},
		{"zstd", "no header", s[1], 3, "decompressStream returned invalid input: magic number mismatch"},
		{"zstd", "a bad header", set(s[0], 4, 8), 3, "decompressStream returned"},
		{"zstd", "a bad block", set(s[0], 6, 6), 3, "decompressStream returned"},
		{"zstd", "a window of 64 MiB", append([]byte("\x28\xb5\x2f\xfd\x00\x80"), s[0][6:]...), 3, "decompressStream returned window size exceeded"},
		{"zstd", "one segment of 1 GiB", append([]byte("\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x40"), s[0][6:]...), 3, "decompressStream returned"},
		{"zstd", "a long skip", []byte("\x50\x2a\x4d\x18\xff\xff\xff\xff"), 1, "decompressStream buffer too small"},
	} {
		got := make([]byte, c.pages*pageSize)
		err := newDecoder(t, methods[c.method]).Decode(cut(got), c.payload)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %s: %v, not %q", c.method, c.what, err, c.want)
		}
	}
}

// Who owns a lane is asked about its end, and told what is wrong with the place.
func TestLanesThatEnd(t *testing.T) {
	ram := block(t, "ram", 4)
	p := wire.MultiFDPacket{Alloc: PacketPages, Normal: 1, Payload: memory.PageSize, Block: []byte("ram")}
	var head [wire.MultiFDPacketSize]byte
	p.Put(&head)
	whole := append(head[:], make([]byte, memory.PageSize)...)
	for name, c := range map[string]struct {
		bytes int
		want  error
	}{
		"at once": {0, nil}, "behind a packet": {len(whole), nil}, "in the length": {7, errShort},
		"in the head": {700, errHalf}, "before the pages": {len(head), errShort}, "in the pages": {len(whole) - 1, errShort},
	} {
		asked, reason := 0, errors.New("the owner's reason")
		conn := source{bytes.NewReader(whole[:c.bytes])}
		r := &Receiver{config: ReceiverConfig{Count: counters(), Ended: func(_ channels.Conn, err error) error {
			if asked++; err != c.want {
				t.Errorf("%s: %v", name, err)
			}
			return reason
		}}, ending: ending{stop: make(chan struct{})}}
		r.blocks.Store(&map[string]*memory.Block{"ram": ram})
		l := &receiving{conn: conn, receiver: r}
		if err := l.read(); err != reason || asked != 1 {
			t.Errorf("%s: %v, asked %d times", name, err, asked)
		}
	}
}

// Packets are taken in the order in which they come, whatever their numbers, as
// in QEMU: each says itself where its pages belong.
func TestPacketsOutOfOrder(t *testing.T) {
	ram := block(t, "ram", 4)
	var bytesOnLane []byte
	for i, number := range []uint64{7, 3, 1 << 63, 3} {
		p := wire.MultiFDPacket{Alloc: PacketPages, Normal: 1, Payload: memory.PageSize, Number: number, Block: []byte("ram")}
		p.Offsets[0] = uint64(3-i) * memory.PageSize
		var head [wire.MultiFDPacketSize]byte
		p.Put(&head)
		bytesOnLane = append(append(bytesOnLane, head[:]...), bytes.Repeat([]byte{byte(i + 1)}, memory.PageSize)...)
	}
	end := errors.New("the end")
	r := &Receiver{config: ReceiverConfig{Count: counters(), Ended: func(channels.Conn, error) error { return end }},
		ending: ending{stop: make(chan struct{})}}
	r.blocks.Store(&map[string]*memory.Block{"ram": ram})
	l := &receiving{conn: source{bytes.NewReader(bytesOnLane)}, receiver: r}
	if err := l.read(); err != end {
		t.Fatal(err)
	}
	for p := range uint64(4) {
		if got, want := ram.Page(p), byte(4-p); got[0] != want || got[memory.PageSize-1] != want {
			t.Errorf("page %d is %d, want %d", p, got[0], want)
		}
	}
}

// fuzz decodes data as two packets, which must neither write beside their pages
// nor use much memory.
func fuzz(f *testing.F, name string) {
	m := methods[name]
	for _, p := range payloads(f, m) {
		f.Add(p, uint16(len(p)), uint8(3), uint8(0))
	}
	p := payloads(f, m)
	f.Add(slices.Concat(p[0], p[1]), uint16(len(p[0])), uint8(3), uint8(3))
	for _, level := range []string{"1", "9", "3", "20"} {
		file := "testdata/" + name + "-" + level + ".payloads"
		if name == "zlib" && (level == "3" || level == "20") || name == "zstd" && level == "9" {
			continue
		}
		r := recorded(f, file)
		f.Add(slices.Concat(r[0].payload, r[1].payload), uint16(len(r[0].payload)), uint8(r[0].pages), uint8(r[1].pages))
	}
	f.Fuzz(func(t *testing.T, data []byte, at uint16, one, two uint8) {
		d := newDecoder(t, m)
		first := min(int(at), len(data))
		for i, payload := range [][]byte{data[:first], data[first:]} {
			n := int([]uint8{one, two}[i]) % 8
			memory := bytes.Repeat([]byte{0xa5}, (n+2)*pageSize)
			err := d.Decode(cut(memory[pageSize:(n+1)*pageSize]), payload)
			for _, beside := range [][]byte{memory[:pageSize], memory[(n+1)*pageSize:]} {
				if bytes.Count(beside, []byte{0xa5}) != pageSize {
					t.Fatal("written beside the pages")
				}
			}
			if err != nil {
				return
			}
		}
	})
}

func FuzzZlib(f *testing.F) { fuzz(f, "zlib") }

func FuzzZstd(f *testing.F) { fuzz(f, "zstd") }
