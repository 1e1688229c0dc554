package vmstate

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// What can follow the body of section 5.
const (
	footer5    = "7e 00000005"
	fullHeader = "04 00000006 03 617069 00000000 00000003"
)

func TestBodyEndScan(t *testing.T) {
	known := func(id uint32) bool { return id == 2 }
	for name, test := range map[string]struct {
		window   string
		closed   bool
		packaged bool
		n        int
		want     Verdict
	}{
		"empty":                 {"", false, false, 0, More},
		"no footer":             {"0102030405060708", false, false, 4, More},
		"part of a footer":      {"0102 7e 000000", false, false, 2, More},
		"footer alone":          {"0102" + footer5, false, false, 2, Maybe},
		"footer at the end":     {"0102" + footer5, true, false, 3, More},
		"end of a package":      {"0102" + footer5, true, true, 2, End},
		"footer of another":     {"0102 7e 00000006 00", false, false, 4, More},
		"EOF":                   {"0102" + footer5 + "00", false, false, 2, Maybe},
		"EOF and end":           {"0102" + footer5 + "00", true, false, 2, End},
		"EOF and description":   {"0102" + footer5 + "0006", false, false, 2, End},
		"EOF and more":          {"0102" + footer5 + "0007", false, false, 5, More},
		"FULL":                  {"0102" + footer5 + fullHeader, false, false, 2, End},
		"START":                 {footer5 + strings.Replace(fullHeader, "04", "01", 1), false, false, 0, End},
		"FULL cut":              {"0102" + footer5 + fullHeader[:len(fullHeader)-2], false, false, 2, Maybe},
		"FULL cut at the end":   {footer5 + fullHeader[:len(fullHeader)-2], true, false, 17, More},
		"FULL without name":     {footer5 + "04 00000006 00 00000000", false, false, 11, More},
		"FULL with odd name":    {footer5 + "04 00000006 03 6100", false, false, 9, More},
		"PART of known":         {footer5 + "02 00000002", false, false, 0, End},
		"END of known":          {footer5 + "03 00000002", false, false, 0, End},
		"END cut":               {footer5 + "03 0000", false, false, 0, Maybe},
		"END of unknown":        {footer5 + "03 00000004", false, false, 6, More},
		"command":               {footer5 + "08 000b 0000", false, false, 0, End},
		"command 0":             {footer5 + "08 0000 0000", false, false, 6, More},
		"command cut":           {footer5 + "08 00", false, false, 0, Maybe},
		"other":                 {footer5 + "09", false, false, 2, More},
		"false, then true":      {footer5 + "09" + footer5 + "0006", false, false, 6, End},
		"false, then undecided": {footer5 + "09" + footer5, false, false, 6, Maybe},
		"overlapping":           {"7e 00" + footer5 + "0006", false, false, 2, End},
	} {
		s := BodyEnd{ID: 5, Known: known, Packaged: test.packaged}
		window := unhex(t, test.window)
		if n, v := s.Scan(window, test.closed); n != test.n || v != test.want {
			t.Errorf("%s: %d, %v, want %d, %v", name, n, v, test.n, test.want)
		}
	}
	s := BodyEnd{ID: 5}
	if _, v := s.Scan(unhex(t, footer5+"02 00000002"), false); v != More {
		t.Error("without Known every id is known")
	}
}

// A live reader sees the stream byte by byte; the end it finds is the same,
// and it takes no byte behind it.
func TestReadBodyByteByByte(t *testing.T) {
	body := unhex(t, "01 "+footer5+" 04 00 7e 7e 00 00 00 05")
	rest := unhex(t, footer5+fullHeader)
	for _, src := range []io.Reader{
		bytes.NewReader(append(bytes.Clone(body), rest...)),
		io.MultiReader(iotest.OneByteReader(bytes.NewReader(append(bytes.Clone(body), rest...))), never{t}),
	} {
		r := stream.NewReader(src)
		got, err := (&BodyEnd{ID: 5}).ReadBody(r, nil, 100)
		if err != nil || !bytes.Equal(got, body) || r.Offset() != int64(len(body)) {
			t.Errorf("% x, %v, offset %d", got, err, r.Offset())
		}
	}
}

func TestReadBodyErrors(t *testing.T) {
	big := make([]byte, 1<<20)
	_, err := (&BodyEnd{ID: 5}).ReadBody(reader(big), nil, 1<<19)
	wantErr(t, err, "no section footer in 524288 bytes")
	_, err = (&BodyEnd{ID: 5}).ReadBody(reader(big), nil, 1<<21)
	if !errors.Is(err, ErrNoFooter) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
	broken := errors.New("broken")
	_, err = (&BodyEnd{ID: 5}).ReadBody(stream.NewReader(io.MultiReader(bytes.NewReader(big[:10]), iotest.ErrReader(broken))), nil, 99)
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// A body whose footer is damaged runs into the end of the stream. A source
// that waits for an answer sends no more, so the end must be seen by itself.
func TestReadBodyPastTheEnd(t *testing.T) {
	data := unhex(t, "0102 7e 00000004"+fullHeader+"aabb 7e 00000006 00 06 00000010")
	data = append(data, `{"page_size": 4`...)
	for _, src := range []io.Reader{bytes.NewReader(data), iotest.OneByteReader(bytes.NewReader(data))} {
		r := stream.NewReader(io.MultiReader(src, never{t}))
		_, err := (&BodyEnd{ID: 5}).ReadBody(r, nil, 1000)
		if !errors.Is(err, ErrNoFooter) {
			t.Errorf("%v", err)
		}
		if r.Err() == nil {
			t.Error("the reader goes on")
		}
	}
}

func TestCopyBodyGivesUp(t *testing.T) {
	bad := errors.New("bad")
	r := reader(make([]byte, 100))
	if err := (&BodyEnd{ID: 5}).CopyBody(r, func([]byte) error { return bad }); !errors.Is(err, bad) {
		t.Errorf("%v", err)
	}
}

// The scan agrees with a simple search wherever the window is cut.
func TestBodyEndWindows(t *testing.T) {
	data := unhex(t, "01"+footer5+"04"+"7e0000"+footer5+fullHeader+"00")
	want := bytes.LastIndex(data, wire.AppendFooter(nil, 5))
	for cut := range data {
		s, at := BodyEnd{ID: 5}, 0
		n, v := s.Scan(data[:cut], false)
		at += n
		if v != End {
			n, v = s.Scan(data[at:], false)
			at += n
		}
		if v != End || at != want {
			t.Errorf("cut at %d: end at %d, %v, want %d", cut, at, v, want)
		}
	}
}
