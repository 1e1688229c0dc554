package xbzrle

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// agree encodes with both encoders into room bytes and decodes what came out with both decoders.
func agree(t interface{ Fatalf(string, ...any) }, old, new []byte, room int) {
	fast, plain := make([]byte, room), make([]byte, room)
	n, ok := Encode(fast, old, new)
	want, wantOK := plainEncode(plain, old, new)
	if n != want || ok != wantOK || !bytes.Equal(fast[:n], plain[:want]) {
		t.Fatalf("encoded %d, %v: % x; plainly %d, %v: % x", n, ok, fast[:n], want, wantOK, plain[:want])
	}
	if !ok {
		return
	}
	if n == 0 != bytes.Equal(old, new) {
		t.Fatalf("%d bytes for pages that are the same: %v", n, bytes.Equal(old, new))
	}
	decodeBoth(t, old, fast[:n], new, true)
}

// decodeBoth checks that both decoders make the same of src, and what.
func decodeBoth(t interface{ Fatalf(string, ...any) }, old, src, want []byte, valid bool) {
	fast, plain := bytes.Clone(old), bytes.Clone(old)
	ok, plainOK := Decode(fast, src), plainDecode(plain, src)
	if ok != plainOK || ok && !bytes.Equal(fast, plain) {
		t.Fatalf("decoded %v, plainly %v", ok, plainOK)
	}
	if valid && (!ok || !bytes.Equal(fast, want)) {
		t.Fatalf("decoded %v to another page", ok)
	}
}

func TestEncodeAgreesWithPlain(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.SampledFrom([]int{0, 1, 7, 8, 9, 64, 300, PageSize, PageSize, PageSize, MaxLength}).Draw(rt, "size")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		old, new := make([]byte, size), make([]byte, size)
		for i := range old {
			old[i] = byte(rng.UintN(3))
		}
		copy(new, old)
		for range rapid.IntRange(0, 40).Draw(rt, "changes") {
			if size == 0 {
				break
			}
			from := rng.IntN(size)
			run := rapid.SampledFrom([]int{1, 2, 7, 8, 9, 127, 128, 129, 255, 256, 257, 264, 1000, 4000}).Draw(rt, "run")
			for i := from; i < min(from+run, size); i++ {
				new[i] = byte(rng.UintN(4))
			}
		}
		agree(rt, old, new, rapid.SampledFrom([]int{PageSize, PageSize, 2 * MaxLength, 0, 1, 2, 3, 4, 5, 50}).Draw(rt, "room"))
	})
}

// What does not fit is told at the same byte.
func TestEncodeRoom(t *testing.T) {
	old, new := make([]byte, 600), make([]byte, 600)
	for _, at := range []int{0, 3, 4, 5, 200, 201, 500, 501, 502, 599} {
		new[at] = byte(at) | 1
	}
	for room := range 64 {
		agree(t, old, new, room)
	}
}

func TestExamples(t *testing.T) {
	for _, c := range []struct{ at, want string }{
		{"", ""},
		{"10:aabbcc", "1003aabbcc"},
		{"100:01 200:02", "80020101ff010102"},
		{"0:05", "000105"},
		{"fff:07", "ff1f0107"},
	} {
		old, new := make([]byte, PageSize), make([]byte, PageSize)
		for _, change := range strings.Fields(c.at) {
			at, text, _ := strings.Cut(change, ":")
			where, _ := hex.DecodeString(strings.Repeat("0", 4-len(at)) + at)
			data, _ := hex.DecodeString(text)
			copy(new[int(where[0])<<8|int(where[1]):], data)
		}
		dst := make([]byte, PageSize)
		n, ok := Encode(dst, old, new)
		if got := hex.EncodeToString(dst[:n]); !ok || got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.at, got, ok, c.want)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for text, want := range map[string]bool{
		"":             true,
		"000105":       true,
		"80000105":     true,  // a number may be longer than it must
		"00":           false, // half a group
		"1000":         false,
		"10":           false,
		"0001":         false,
		"000105000105": false, // nothing is the same between two groups
		"00010501":     false, // the same bytes at the end
		"0000":         false, // nothing that differs
		"00008000":     false,
		"00020501":     true,
		"000305":       false, // more is said than comes
		"ff1f0107":     true,
		"80200107":     false, // behind the page
		"ff1f020708":   false,
		"ff800107":     false, // a number of three bytes
		"00ff8001":     false,
	} {
		src, _ := hex.DecodeString(text)
		page := make([]byte, PageSize)
		decodeBoth(t, page, src, nil, false)
		if got := Decode(page, src); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func FuzzEncode(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 0, 0, 0, 0, 9, 9}, []byte{0, 1, 2, 4}, uint16(4096))
	f.Add(bytes.Repeat([]byte{0, 5}, 300), bytes.Repeat([]byte{0}, 700), uint16(100))
	f.Fuzz(func(t *testing.T, old, new []byte, room uint16) {
		size := min(max(len(old), len(new)), MaxLength)
		agree(t, resized(old, size), resized(new, size), int(room))
	})
}

func resized(p []byte, size int) []byte { return append(bytes.Clone(p), make([]byte, size)...)[:size] }

func FuzzDecode(f *testing.F) {
	f.Add([]byte{0x80, 2, 1, 1, 0xff, 1, 1, 2}, uint16(4096))
	f.Add([]byte{0, 1, 5, 0x10, 3, 1, 2, 3}, uint16(20))
	f.Fuzz(func(t *testing.T, src []byte, size uint16) {
		decodeBoth(t, make([]byte, size), src, nil, false)
	})
}
