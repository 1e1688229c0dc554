package wire

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// The bytes are those that QEMU 10.0 wrote with offset=0x1000.
func TestMappedHeader(t *testing.T) {
	h := MappedAt(0x108e-MappedHeaderSize, 150<<20/PageSize)
	const want = "00000001" + "0000000000001000" + "000000000000108e" + "0000000000100000"
	if got := hex.EncodeToString(h.Append(nil)); got != want {
		t.Error(got)
	}
	for _, c := range []struct{ position, pages, bitmap, begin uint64 }{
		{0, 1, 28, 1 << 20},
		{1<<20 - 28 - 8, 64, 1<<20 - 8, 1 << 20},
		{1<<20 - 28 - 8, 65, 1<<20 - 8, 2 << 20},
	} {
		if h := MappedAt(c.position, c.pages); h.Bitmap != c.bitmap || h.Pages != c.begin {
			t.Errorf("%+v: %+v", c, h)
		}
	}
}

func FuzzParseMapped(f *testing.F) {
	h := MappedAt(100, 1000)
	f.Add(h.Append(nil))
	f.Add([]byte{0, 0, 0, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseMapped(b)
		if err != nil {
			return
		}
		// Version 0 reads like version 1.
		if got := h.Append(nil); !bytes.Equal(got[4:], b[4:MappedHeaderSize]) {
			t.Errorf("% x became % x", b, got)
		}
	})
}
