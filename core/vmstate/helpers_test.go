package vmstate

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"qmpmigrate/core/stream"
)

// save gives the bytes and the description of d, as the only device "dev".
func save(t testing.TB, d *Description) (body []byte, text string) {
	t.Helper()
	var out bytes.Buffer
	w, desc := stream.NewWriter(&out), NewDescWriter()
	desc.OpenDevices(4096)
	desc.OpenDevice("dev", 7)
	if err := d.Save(w, desc); err != nil {
		t.Fatalf("Save: %v", err)
	}
	desc.CloseDevice()
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), string(desc.Close())
}

func reader(b []byte) *stream.Reader { return stream.NewReader(bytes.NewReader(b)) }

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantErr checks that err holds text.
func wantErr(t testing.TB, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("error is %v, want %q in it", err, text)
	}
}

// pair is a small struct for arrays and lists.
type pair struct{ a, b uint8 }

func (p *pair) describe() *Description {
	return &Description{Name: "pair", Version: 1, Fields: []Field{Uint8("a", &p.a), Uint8("b", &p.b)}}
}

func describePair(p *pair) *Description { return p.describe() }
