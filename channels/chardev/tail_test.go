package chardev

import (
	"bytes"
	"testing"
)

func TestTail(t *testing.T) {
	const limit = 10
	last, all := tail{limit: limit}, []byte(nil)
	for i := range 1000 {
		piece := bytes.Repeat([]byte{byte(i)}, i*7%(3*limit))
		if last.add(piece); len(last.text) > 2*limit {
			t.Fatalf("it remembers %d bytes", len(last.text))
		}
		all = append(all, piece...)
		if want := all[max(len(all)-limit, 0):]; !bytes.Equal(last.last(), want) {
			t.Fatalf("after %d pieces %x, not %x", i+1, last.last(), want)
		}
	}
	if last.reset(); len(last.last()) > 0 {
		t.Errorf("%x is left", last.last())
	}
}
