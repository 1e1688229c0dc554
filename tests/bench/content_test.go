package main

import (
	"bytes"
	"compress/flate"
	"testing"

	"qmpmigrate/core/memory"
)

func TestContents(t *testing.T) {
	const pages = 256
	for _, tc := range []struct {
		content  content
		min, max float64 // how much is left of it, compressed
	}{{noisy(), 0.99, 1.01}, {halved(), 0.45, 0.55}, {zeros(), 0, 0.01}, {patchy(), 0.4, 0.6}} {
		var first, again, small bytes.Buffer
		for _, out := range []*bytes.Buffer{&first, &again} {
			if err := tc.content.writeTo(out, pages); err != nil {
				t.Fatal(err)
			}
		}
		if first.Len() != pages*memory.PageSize || !bytes.Equal(first.Bytes(), again.Bytes()) {
			t.Errorf("%s: %d bytes, or others the next time", tc.content.name, first.Len())
		}
		w, err := flate.NewWriter(&small, flate.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(first.Bytes()); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if left := float64(small.Len()) / float64(first.Len()); left < tc.min || left > tc.max {
			t.Errorf("%s: compressed to %.2f", tc.content.name, left)
		}
	}
}
