package inspect

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

// bad reads a stream that must be refused with a section and a place.
func bad(t *testing.T, what string, data []byte) error {
	t.Helper()
	_, err := Read(bytes.NewReader(data))
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Errorf("%s: error is %v", what, err)
		return err
	}
	if e.Section == "" || e.Offset < 0 || e.Offset > int64(len(data)) || e.Err == nil {
		t.Errorf("%s: %#v", what, e)
	}
	return err
}

// However much of a stream is missing, it is noticed.
func TestEveryTruncation(t *testing.T) {
	data := small(t)
	for n := range data {
		err := bad(t, "small", data[:n])
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
		case strings.Contains(err.Error(), "section type 5"): // half a subsection is none
		case bytes.HasSuffix(data[:n], []byte{0x7e, 0, 0, 0, diskID, 0}): // only the description is missing
		default:
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func TestTruncationsOfCaptures(t *testing.T) {
	for _, file := range []string{"pc-minimal-10.0.gz", "pc-postcopy-7.2.gz", "pc-returnpath-10.0.gz"} {
		data := capture(t, file)
		step := 97
		if file == "pc-postcopy-7.2.gz" {
			data = data[:len(data)-1] // the whole has no more than EOF behind the last section
		}
		for n := 0; n < len(data); n += step {
			bad(t, file, data[:n])
		}
	}
}

// One wrong byte never makes the reader fail otherwise than by an error, and
// what it reads without one still is covered by elements.
func TestCorruption(t *testing.T) {
	data := small(t)
	page := bytes.Index(data, make([]byte, 4096))
	for i := range data {
		if i > page && i < page+4090 {
			continue // content of memory means nothing here
		}
		for _, flip := range []byte{0x01, 0x80, 0xff} {
			corrupt(t, data, i, flip)
		}
	}
}

// corrupt changes one byte, reads, and changes it back.
func corrupt(t *testing.T, data []byte, i int, flip byte) {
	t.Helper()
	data[i] ^= flip
	defer func() { data[i] ^= flip }()
	r, err := Read(bytes.NewReader(data))
	if err != nil {
		if e, ok := errors.AsType[*Error](err); !ok || e.Section == "" || e.Offset > int64(len(data)) {
			t.Errorf("byte %d: %#v", i, err)
		}
		return
	}
	accounted(t, "corrupt", r, data)
}

func TestCorruptionOfCapture(t *testing.T) {
	data := capture(t, "pc-minimal-10.0.gz")
	step := 211
	for i := 0; i < len(data); i += step {
		corrupt(t, data, i, 0xff)
	}
}

// Announced lengths cost nothing until the bytes are there.
func TestHostileLengthsCostLittle(t *testing.T) {
	huge := []byte{0xff, 0xff, 0xff, 0xff}
	for name, s := range map[string]*builder{
		"machine name":  newBuilder().head("").replace(9, huge...),
		"capabilities":  newBuilder().head("m").subsection("configuration/capabilities").raw(huge...),
		"ram total":     newBuilder().head("m").open(1, ramID, "ram", 0, 4).raw(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0, 4),
		"package":       newBuilder().head("m").command(7, huge...),
		"big package":   newBuilder().head("m").command(7, 1, 0, 0, 0),
		"vmdescription": newBuilder().head("m").raw(0, 6).raw(huge...),
		"body":          newBuilder().head("m").open(4, 3, "timer", 0, 2).raw(make([]byte, maxState+1)...),
		"blocks":        emptyBlocks(maxBlocks + 1),
	} {
		data := s.b
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		bad(t, name, data)
		runtime.ReadMemStats(&after)
		// Bytes that came may be held twice while a slice grows.
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(8*len(data)+4<<20); got > most {
			t.Errorf("%s: %d bytes allocated for a stream of %d", name, got, len(data))
		}
	}
}

func (s *builder) replace(at int, b ...byte) *builder {
	copy(s.b[at:], b)
	return s
}

// emptyBlocks lists blocks that never use up the total.
func emptyBlocks(n int) *builder {
	s := newBuilder().head("m").open(1, ramID, "ram", 0, 4).record(0x1000, 4)
	for range n {
		s.name("b").raw(make([]byte, 8)...)
	}
	return s
}
