package ram

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// deflated is a zlib stream by another library.
func deflated(t testing.TB, level int, raw []byte) []byte {
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func listed(pages uint64) []byte {
	return wire.AppendRAMSize(wire.AppendRAM(nil, pages*memory.PageSize, wire.RAMMemSize), "ram0", pages*memory.PageSize)
}

// appendCompressed is a record of a page of ram0.
func appendCompressed(b []byte, page uint64, data []byte) []byte {
	b = wire.AppendRAMName(b, page*memory.PageSize, wire.RAMCompressPage, "ram0")
	return append(binary.BigEndian.AppendUint32(b, uint32(len(data))), data...)
}

func eos(b []byte) []byte { return wire.AppendRAM(b, 0, wire.RAMEOS) }

func TestCompressedPagesThatAreWrong(t *testing.T) {
	page := bytes.Repeat([]byte("page"), memory.PageSize/4)
	good := deflated(t, 1, page)
	broken := bytes.Clone(good)
	broken[len(broken)-1]++
	for _, c := range []struct {
		name, want string
		body       []byte
	}{
		{"too long", "Invalid compressed data length: 4111", appendCompressed(listed(2), 0, make([]byte, 4111))},
		{"negative", "Invalid compressed data length: -1",
			binary.BigEndian.AppendUint32(wire.AppendRAMName(listed(2), 0, wire.RAMCompressPage, "ram0"), math.MaxUint32)},
		{"nothing", "decompress data failed", eos(appendCompressed(listed(2), 0, nil))},
		{"noise", "decompress data failed", eos(appendCompressed(listed(2), 0, []byte("noise")))},
		{"checksum", "decompress data failed: zlib: invalid checksum", eos(appendCompressed(listed(2), 1, broken))},
		{"cut", "decompress data failed", eos(appendCompressed(listed(2), 1, good[:len(good)-5]))},
		{"less", "decompress data failed", eos(appendCompressed(listed(2), 1, deflated(t, 1, page[1:])))},
		{"more", "decompress data failed: more than a page", eos(appendCompressed(listed(2), 1, deflated(t, 1, append(page, 1))))},
		{"a bomb", "decompress data failed: more than a page", eos(appendCompressed(listed(2), 1, deflated(t, 9, make([]byte, 4<<20))))},
		{"more behind it", "decompress data failed: 1 bytes behind a page", eos(appendCompressed(listed(2), 1, append(bytes.Clone(good), 0)))},
		{"outside", "Illegal RAM offset 2000", appendCompressed(listed(2), 2, good)},
		{"end of the stream", "Input/output error", appendCompressed(listed(2), 0, good)[:60]},
		{"the first tells", "decompress data failed: zlib: invalid header", eos(appendCompressed(appendCompressed(listed(2), 0, []byte("noise")), 1, good[:20]))},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			dst, err := load(t, bytes.NewReader(c.body), 1)
			defer dst.close()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// The last record of a page wins, though it comes while an earlier one is still inflated.
func TestTheLastRecordOfAPageWins(t *testing.T) {
	one, two := bytes.Repeat([]byte{1}, memory.PageSize), bytes.Repeat([]byte{2}, memory.PageSize)
	body := listed(2)
	for range 100 {
		body = appendCompressed(appendCompressed(body, 0, deflated(t, 1, one)), 0, deflated(t, 1, two))
		body = appendCompressed(body, 1, deflated(t, 1, one))
		body = append(wire.AppendRAM(body, memory.PageSize, wire.RAMPage|wire.RAMContinue), two...)
		body = appendCompressed(body, 1, deflated(t, 1, one))
		body = append(wire.AppendRAM(body, memory.PageSize, wire.RAMZero|wire.RAMContinue), 0)
	}
	target := &blocks{max: 1 << 30}
	defer target.close()
	l := NewLoader(target, &Stats{}, Options{DecompressThreads: 3})
	defer l.Close()
	if err := l.Load(stream.NewReader(bytes.NewReader(eos(body))), wire.RAMVersion); err != nil {
		t.Fatal(err)
	}
	if b := target.list[0]; !bytes.Equal(b.Page(0), two) || !bytes.Equal(b.Page(1), zeroPage[:]) {
		t.Errorf("pages begin with %d and %d", b.Page(0)[0], b.Page(1)[0])
	}
}

// squeeze moves memory that is written between the bodies, and gives what arrived.
func squeeze(t *rapid.T, src []*memory.Block, options Options, write func()) *blocks {
	var out bytes.Buffer
	target := &blocks{max: 1 << 30}
	s, w := NewSaver(src, &Stats{}, options), stream.NewWriter(&out)
	defer s.Close()
	l := NewLoader(target, &Stats{}, options)
	defer l.Close()
	now := time.Unix(1, 0)
	body := func(err error) {
		if err == nil {
			err = w.Flush()
		}
		if err == nil {
			err = l.Load(stream.NewReader(&out), wire.RAMVersion)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	body(s.Start(w, now))
	room := int64(rapid.IntRange(1, 1<<20).Draw(t, "room"))
	for range rapid.IntRange(1, 4).Draw(t, "passes") {
		limit := w.Offset() + room
		body(s.Iterate(w, func() int64 { return limit - w.Offset() }))
		write()
		now = now.Add(time.Second)
		s.Sync(now)
	}
	s.Sync(now)
	body(s.Complete(w))
	return target
}

// Whatever is written between the bodies, the memories are equal at the end.
func TestCompressConverges(t *testing.T) {
	defer goleak.VerifyNone(t)
	rapid.Check(t, func(rt *rapid.T) {
		src := source(t, rapid.SampledFrom([]uint64{1, 64, 150}).Draw(rt, "pages"), 3)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		write := func() {
			for range rng.IntN(100) {
				b := src[rng.IntN(2)]
				page := rng.Uint64N(b.Pages())
				p := b.Page(page)
				switch rng.IntN(4) {
				case 0:
					clear(p)
				case 1: // noise does not get any smaller
					for i := range p {
						p[i] = byte(rng.Uint32())
					}
				default:
					copy(p[rng.IntN(memory.PageSize):], "text")
				}
				b.MarkWritten(page)
			}
		}
		write()
		options := Options{
			Compress:          &Compress{Threads: rapid.IntRange(1, 8).Draw(rt, "threads"), Level: rapid.IntRange(0, 9).Draw(rt, "level")},
			DecompressThreads: rapid.IntRange(1, 4).Draw(rt, "decompress"),
		}
		if rapid.Bool().Draw(rt, "xbzrle") {
			options.XBZRLE = func() uint64 { return 1 << 20 }
		}
		dst := squeeze(rt, src, options, write)
		defer dst.close()
		for i, b := range src {
			if !bytes.Equal(b.Bytes(), dst.list[i].Bytes()) {
				rt.Errorf("%s differs", b.Name())
			}
		}
	})
}

// What goes out is what QEMU sends: the first page of a block in full, then
// pages compressed, those that get no smaller in full; with xbzrle no page is
// compressed after the first pass.
func TestRecordsOfCompress(t *testing.T) {
	src := source(t, 4, 2)
	for _, b := range src {
		for p := range b.Pages() {
			scribble(b, p, 1)
		}
	}
	clear(src[0].Page(1))
	for i, x := 0, rand.New(rand.NewPCG(1, 2)); i < memory.PageSize; i++ {
		src[0].Page(2)[i] = byte(x.Uint32())
	}
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	s := NewSaver(src, &Stats{}, Options{Compress: &Compress{Threads: 2, Level: 1}, XBZRLE: func() uint64 { return 1 << 20 }})
	defer s.Close()
	records := func(err error) string {
		if err == nil {
			err = w.Flush()
		}
		if err != nil {
			t.Fatal(err)
		}
		return kinds(t, &out)
	}
	records(s.Start(w, time.Unix(1, 0)))
	all := func() int64 { return math.MaxInt64 }
	// A zero page goes at once; the others wait for their turn.
	if got, want := records(s.Iterate(w, all)), "block0:PAGE ZERO PAGE COMPRESS block1:PAGE COMPRESS EOS"; got != want {
		t.Errorf("first pass: %s, not %s", got, want)
	}
	for range 2 {
		for p := range uint64(2) {
			src[1].Page(p)[7]++
			src[1].MarkWritten(p)
		}
		s.Sync(time.Unix(2, 0))
		got := records(s.Iterate(w, all))
		if strings.Contains(got, "COMPRESS") {
			t.Errorf("a later pass: %s", got)
		}
	}
}

// kinds names the records of a body.
func kinds(t *testing.T, body *bytes.Buffer) string {
	var list []string
	r := stream.NewReader(body)
	for {
		_, flags := wire.SplitRAM(r.U64())
		name := ""
		if flags != wire.RAMEOS && flags&(wire.RAMContinue|wire.RAMMemSize) == 0 {
			name = r.CountedString() + ":"
		}
		switch flags &^ wire.RAMContinue {
		case wire.RAMEOS:
			return strings.Join(append(list, "EOS"), " ")
		case wire.RAMMemSize:
			for range 2 {
				r.CountedString()
				r.U64()
			}
		case wire.RAMZero:
			r.Skip(1)
			list = append(list, name+"ZERO")
		case wire.RAMPage:
			r.Skip(memory.PageSize)
			list = append(list, name+"PAGE")
		case wire.RAMXBZRLE:
			r.Skip(1)
			r.Skip(int64(r.U16()))
			list = append(list, name+"XBZRLE")
		case wire.RAMCompressPage:
			r.Skip(int64(r.U32()))
			list = append(list, name+"COMPRESS")
		default:
			t.Fatalf("flags %x, %v", flags, r.Err())
		}
	}
}
