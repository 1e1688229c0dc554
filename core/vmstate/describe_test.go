package vmstate

import (
	"encoding/json"
	"strings"
	"testing"

	"qmpmigrate/core/stream"
)

// fields gives the text between the brackets of the first list of fields.
func fields(t *testing.T, d *Description) string {
	t.Helper()
	_, text := save(t, d)
	_, text, _ = strings.Cut(text, `"fields": [`)
	text, ok := strings.CutSuffix(text, `]}]}`)
	if !ok {
		t.Fatalf("text is %s", text)
	}
	return text
}

func TestDescribeNames(t *testing.T) {
	var a, b uint8
	got := fields(t, &Description{Fields: []Field{
		Unused(1), Uint8("x", &a), Uint8("y", &b, Since(9)), Unused(2), Uint8("y", &b), Unused(3, Since(9)),
	}})
	const want = `{"name": "unused[0]", "type": "unused_buffer", "size": 1}, ` +
		`{"name": "x", "type": "uint8", "size": 1}, ` +
		`{"name": "unused[1]", "type": "unused_buffer", "size": 2}, ` +
		`{"name": "y[1]", "type": "uint8", "size": 1}`
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// One object stands for all elements only where they are alike for sure.
func TestDescribeArrays(t *testing.T) {
	s, n := []uint8{1, 2}, uint8(1)
	pairs := []pair{{1, 2}, {3, 4}}
	always := func(uint32) bool { return true }
	tested := func(p *pair) *Description {
		return &Description{Name: "t", Fields: []Field{Uint8("a", &p.a, If(always))}}
	}
	deep := func(p *pair) *Description {
		return &Description{Name: "u", Fields: []Field{Struct("t", tested(p))}}
	}
	subbed := func(p *pair) *Description {
		return &Description{Name: "w", Subsections: []Subsection{{Name: "w/s"}}}
	}
	counted := func(p *pair) *Description {
		return &Description{Name: "c", Fields: []Field{Array("a", s, Count(&n))}}
	}
	for name, test := range map[string]struct {
		field Field
		alike bool
	}{
		"numbers":                {Array("f", s), true},
		"numbers with a test":    {Array("f", s, If(always)), false},
		"structs":                {StructArray("f", pairs, describePair), true},
		"structs with a test":    {StructArray("f", pairs, tested), false},
		"test deep inside":       {StructArray("f", pairs, deep), false},
		"structs with sections":  {StructArray("f", pairs, subbed), false},
		"structs with a counter": {StructArray("f", pairs, counted), false},
	} {
		got := fields(t, &Description{Fields: []Field{test.field}})
		if alike := strings.Contains(got, `"array_len": 2`); alike != test.alike {
			t.Errorf("%s: %s", name, got)
		}
		if index := strings.Contains(got, `"index": 0`) && strings.Contains(got, `"index": 1`); index == test.alike {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := fields(t, &Description{Fields: []Field{Array("f", s[:1])}}); got != `{"name": "f", "type": "uint8", "size": 1}` {
		t.Errorf("one element: %s", got)
	}
	if got := fields(t, &Description{Fields: []Field{Array("f", s[:0])}}); got != "" {
		t.Errorf("no element: %s", got)
	}
}

func TestDescribeHead(t *testing.T) {
	var size uint32
	w, d := stream.NewWriter(nil), NewDescWriter()
	d.OpenConfiguration()
	if err := (&Description{Name: "configuration", Version: 1, Fields: []Field{Uint32("len", &size)}}).Save(w, d); err != nil {
		t.Fatal(err)
	}
	d.CloseConfiguration()
	d.OpenDevices(4096)
	d.OpaqueDevice("slirp", 1, 131)
	d.OpaqueDevice("b", 0, 1)
	const want = `{"configuration": {"vmsd_name": "configuration", "version": 1, "fields": [{"name": "len", "type": "uint32", "size": 4}]}, ` +
		`"page_size": 4096, "devices": [` +
		`{"name": "slirp", "instance_id": 1, "size": 131, "fields": [{"name": "data", "size": 131, "type": "buffer"}]}, ` +
		`{"name": "b", "instance_id": 0, "size": 1, "fields": [{"name": "data", "size": 1, "type": "buffer"}]}]}`
	if got := string(d.Close()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestDescribeNil(t *testing.T) {
	var d *DescWriter
	d.OpenConfiguration()
	d.CloseConfiguration()
	d.OpenDevices(4096)
	d.OpaqueDevice("x", 0, 1)
	if d.Close() != nil {
		t.Error("a nil DescWriter has text")
	}
}

func TestJSONText(t *testing.T) {
	for _, s := range []string{"plain", `"quoted" \ `, "\x00\n\x7f", "é€", "𝄞", ""} {
		text := appendText(nil, s)
		var back string
		if err := json.Unmarshal(text, &back); err != nil || back != s {
			t.Errorf("%q: %s, %q, %v", s, text, back, err)
		}
		for _, c := range text {
			if c < ' ' || c > '~' {
				t.Errorf("%q: byte 0x%x", s, c)
			}
		}
	}
}
