package multifd

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const pageSize = 4096

var methods = map[string]Method{"zlib": Zlib(), "zstd": Zstd()}

func cut(b []byte) [][]byte { return slices.Collect(slices.Chunk(b, pageSize)) }

func newDecoder(t testing.TB, m Method) Decoder {
	d, err := m.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func newEncoder(t testing.TB, m Method, level int) Encoder {
	e, err := m.NewEncoder(level)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// packet is a payload and how many pages it holds.
type packet struct {
	pages   int
	payload []byte
}

// recorded reads payloads that zlib and libzstd made of text.
func recorded(t testing.TB, file string) (packets []packet) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for len(b) > 0 {
		n, size := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
		packets = append(packets, packet{int(n), b[8 : 8+size]})
		b = b[8+size:]
	}
	return packets
}

// text makes pages of letters; each second one is like the one before.
type text struct{ x uint32 }

func (t *text) pages(n int) []byte {
	b := make([]byte, n*pageSize)
	for i := range b {
		t.x = t.x*1103515245 + 12345
		b[i] = "migration streams"[t.x>>16&15]
	}
	for i := 1; i < n; i += 2 {
		copy(b[i*pageSize:(i+1)*pageSize], b[(i-1)*pageSize:])
	}
	return b
}

func TestPayloadsOfTheRealLibraries(t *testing.T) {
	files, err := filepath.Glob("testdata/*.payloads")
	if err != nil || len(files) != 6 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name, _, _ := strings.Cut(filepath.Base(file), "-")
		d, source := newDecoder(t, methods[name]), &text{x: 1}
		for i, p := range recorded(t, file) {
			got := make([]byte, p.pages*pageSize)
			if err := d.Decode(cut(got), p.payload); err != nil {
				t.Fatalf("%s: packet %d: %v", file, i, err)
			}
			if !bytes.Equal(got, source.pages(p.pages)) {
				t.Fatalf("%s: packet %d decodes to something else", file, i)
			}
		}
	}
}

func TestAStreamBeginsAsThoseOfTheRealLibraries(t *testing.T) {
	for name, c := range map[string]struct {
		level int
		begin string
	}{
		"zlib": {1, "\x78\x01"},
		"zstd": {1, "\x28\xb5\x2f\xfd\x00\x48"},
	} {
		e, source := newEncoder(t, methods[name], c.level), &text{x: 1}
		for i := range 2 {
			payload, err := e.Encode(nil, cut(source.pages(3)))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.HasPrefix(payload, []byte(c.begin)) != (i == 0) {
				t.Errorf("%s: packet %d begins with % x", name, i, payload[:6])
			}
			if name == "zlib" && !bytes.HasSuffix(payload, []byte(zlibFlushed)) {
				t.Errorf("packet %d does not end with a flush", i)
			}
		}
	}
}

// drawPage gives one of the pages that guests have.
func drawPage(t *rapid.T, source *text, before [][]byte) []byte {
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return make([]byte, pageSize)
	case 1:
		return source.pages(1)
	case 2:
		if len(before) > 0 {
			p := bytes.Clone(before[rapid.IntRange(0, len(before)-1).Draw(t, "like")])
			p[rapid.IntRange(0, pageSize-1).Draw(t, "but")]++
			return p
		}
	case 3:
		return bytes.Repeat(rapid.SliceOfN(rapid.Byte(), 1, 1).Draw(t, "fill"), pageSize)
	}
	p := make([]byte, pageSize)
	x := rapid.Uint64().Draw(t, "noise") | 1
	for i := range p {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		p[i] = byte(x)
	}
	return p
}

func TestWhatGoesInComesOut(t *testing.T) {
	for name, m := range methods {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				levels := map[string][]int{"zlib": {0, 1, 2, 6, 9}, "zstd": {1, 2, 3, 7, 20}}[name]
				e, err := m.NewEncoder(rapid.SampledFrom(levels).Draw(rt, "level"))
				if err != nil {
					rt.Fatal(err)
				}
				defer e.Close()
				d, err := m.NewDecoder()
				if err != nil {
					rt.Fatal(err)
				}
				defer d.Close()
				source := &text{x: rapid.Uint32().Draw(rt, "text")}
				var before [][]byte
				for range rapid.IntRange(1, 4).Draw(rt, "packets") {
					var pages [][]byte
					for range rapid.IntRange(1, 20).Draw(rt, "pages") {
						p := drawPage(rt, source, before)
						pages, before = append(pages, p), append(before, p)
					}
					payload, err := e.Encode([]byte("head"), pages)
					if err != nil {
						rt.Fatal(err)
					}
					if len(payload) > MaxPayload || string(payload[:4]) != "head" {
						rt.Fatalf("a payload of %d bytes", len(payload))
					}
					got := make([]byte, len(pages)*pageSize)
					if err := d.Decode(cut(got), payload[4:]); err != nil {
						rt.Fatal(err)
					}
					if !bytes.Equal(got, bytes.Join(pages, nil)) {
						rt.Fatal("something else came out")
					}
				}
			})
		})
	}
}

func TestPacketsCostNoMemory(t *testing.T) {
	for name, m := range methods {
		e, source := newEncoder(t, m, 1), &text{x: 1}
		pages := cut(source.pages(PacketPages))
		dst := make([]byte, 0, MaxPayload)
		encode := func() []byte {
			payload, err := e.Encode(dst, pages)
			if err != nil {
				t.Fatal(err)
			}
			return payload
		}
		first := bytes.Clone(encode())
		encode()
		if n := testing.AllocsPerRun(5, func() { encode() }); n > 0 {
			t.Errorf("%s: %v allocations for a packet that goes out", name, n)
		}
		var payloads [][]byte
		again := newEncoder(t, m, 1)
		for range 10 {
			p, err := again.Encode(nil, pages)
			if err != nil {
				t.Fatal(err)
			}
			payloads = append(payloads, p)
		}
		if !bytes.Equal(payloads[0], first) {
			t.Errorf("%s: the same pages give another payload", name)
		}
		d, got := newDecoder(t, m), cut(make([]byte, PacketPages*pageSize))
		decode := func() {
			if err := d.Decode(got, payloads[0]); err != nil {
				t.Fatal(err)
			}
			payloads = payloads[1:]
		}
		decode()
		decode()
		// The tables of a block's longest codes still grow now and then.
		if n := testing.AllocsPerRun(5, decode); n > 1 {
			t.Errorf("%s: %v allocations for a packet that comes in", name, n)
		}
	}
}
