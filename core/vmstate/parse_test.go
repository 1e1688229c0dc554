package vmstate

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestParseDescription(t *testing.T) {
	const text = `{"configuration": {"vmsd_name": "configuration", "version": 1, "fields": [{"name": "len", "type": "uint32", "size": 4}]},
 "page_size": 4096, "new key": [{"x": [1, {}]}, null], "devices": [
 {"name": "0000:00:01.0/x", "instance_id": 3, "vmsd_name": "x", "version": 2, "fields": [
  {"name": "a", "array_len": 16, "type": "uint64", "size": 8},
  {"name": "b", "index": 1, "type": "struct", "struct": {"vmsd_name": "in", "version": 1, "fields": [], "subsections": [
    {"vmsd_name": "in/s", "version": 5, "fields": []}]}, "size": 9},
  {"name": "l", "type": "qtailq", "vmsd_name": "e", "version": 1, "fields": [{"name": "k", "type": "uint8", "size": 1}],
    "vmsd_name": "e", "version": 1, "fields": [], "subsections": [{"vmsd_name": "e/s", "version": 0, "fields": []}], "size": 12},
  {"name": "odd", "array_len": 0, "size": 0, "later": true}]},
 {"name": "slirp", "instance_id": 0, "size": 131, "fields": [{"name": "data", "size": 131, "type": "buffer"}]}]}
 `
	got, err := ParseDescription([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	plain := FieldDesc{Len: 1, Index: -1}
	field := func(name, typ string, size int64) FieldDesc {
		f := plain
		f.Name, f.Type, f.Size = name, typ, size
		return f
	}
	a, b, l := field("a", "uint64", 8), field("b", "struct", 9), field("l", "qtailq", 12)
	a.Len, b.Index = 16, 1
	b.Struct = &StateDesc{VMSD: "in", Version: 1, Subsections: []StateDesc{{VMSD: "in/s", Version: 5}}}
	l.Inline = []StateDesc{
		{VMSD: "e", Version: 1, Fields: []FieldDesc{field("k", "uint8", 1)}},
		{VMSD: "e", Version: 1, Subsections: []StateDesc{{VMSD: "e/s"}}},
	}
	want := &StreamDesc{
		PageSize:      4096,
		Configuration: &StateDesc{VMSD: "configuration", Version: 1, Fields: []FieldDesc{field("len", "uint32", 4)}},
		Devices: []DeviceDesc{
			{"0000:00:01.0/x", 3, StateDesc{VMSD: "x", Version: 2, Fields: []FieldDesc{a, b, l, field("odd", "", 0)}}},
			{"slirp", 0, StateDesc{Fields: []FieldDesc{field("data", "buffer", 131)}}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

func TestParseDescriptionErrors(t *testing.T) {
	device := func(fields string) string {
		return `{"devices": [{"name": "x", "fields": [` + fields + `]}]}`
	}
	deep := strings.Repeat(`{"name": "s", "type": "struct", "struct": {"fields": [`, 100)
	for text, want := range map[string]string{
		"":                                 "unexpected EOF",
		"[]":                               `'[' instead of '{'`,
		`{"page_size": 4096, "devices": [`: "unexpected EOF",
		`{"page_size": -1}`:                `"-1" is not a number from 0`,
		`{"page_size": 1e3}`:               `"1e3" is not a number`,
		`{"page_size": "1"}`:               `'"' instead of a number`,
		`{"page_size": 1.5}`:               `"1.5" is not a number`,
		`{"devices": {}}`:                  `'{' instead of '['`,
		`{"devices": [7]}`:                 `'7' instead of '{'`,
		`{"devices": [{}]}`:                "device without name",
		`{"devices": [{"name": 1}]}`:       `'1' instead of '"'`,
		`{"devices": [{"instance_id": 4294967296}]}`:        "from 0 to 4294967295",
		device(`{"name": "f", "type": "uint8"}`):            `field "f" without size`,
		device(`{"size": 99999999999999999999}`):            "is not a number",
		device(`{"struct": null, "size": 1}`):               `'n' instead of '{'`,
		`{"devices": [{"name": "x", "subsections": [{}]}]}`: "subsection without name",
		`{"a": "b`:                     "unexpected EOF",
		`{"a": "b\`:                    "unexpected EOF",
		`{"a": "\q"}`:                  "invalid character",
		"{\"a\": \"\n\"}":              "byte 0x0a in a string",
		`{"a": 1,}`:                    `'}' instead of '"'`,
		`{"a": 1 "b": 2}`:              `'"' instead of ','`,
		`{"a": ?}`:                     "'?' instead of a value",
		`{"a": [1 2]}`:                 "'2' instead of ','",
		"{\x00}":                       `'\x00' instead of '"'`,
		`{} {}`:                        "goes on after its end",
		`{} x`:                         "goes on after its end",
		`{"a" 1}`:                      `'1' instead of ':'`,
		device(deep):                   "nested deeper than 128",
		strings.Repeat(`{"x": [`, 200): "nested deeper than 128",
		`{"devices": [` + strings.Repeat(`{"name": "x"},`, maxDescObjects) + `{}]}`: fmt.Sprintf("more than %d objects", maxDescObjects),
		strings.Repeat(" ", MaxDescription+1):                                       "are more than",
	} {
		_, err := ParseDescription([]byte(text))
		wantErr(t, err, want)
		if err != nil && !strings.HasPrefix(err.Error(), "vmdescription: ") {
			t.Errorf("%v", err)
		}
	}
}

func TestParseTellsPlace(t *testing.T) {
	_, err := ParseDescription([]byte(`{"page_size": true}`))
	wantErr(t, err, "at byte 18")
}

func TestStreamDescDevice(t *testing.T) {
	d := &StreamDesc{Devices: []DeviceDesc{{Name: "a"}, {Name: "b", Instance: 1}, {Name: "a", StateDesc: StateDesc{Version: 2}}}}
	if got := d.Device("a", 0, 1); got == nil || got.Version != 2 {
		t.Errorf("second a is %+v", got)
	}
	if d.Device("b", 1, 0) == nil || d.Device("b", 0, 0) != nil || d.Device("a", 0, 2) != nil {
		t.Error("instances are not told apart")
	}
}
