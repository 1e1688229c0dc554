package vmstate

import (
	"bytes"
	"errors"
	"io"
	"syscall"
	"testing"

	"qmpmigrate/core/stream"
)

// nested has a subsection that has one itself, and a struct with one.
type nested struct {
	a, b, c, d, e byte
	withB, withC  bool
}

func (n *nested) describe() *Description {
	return &Description{
		Name: "dev", Version: 1,
		Fields: []Field{
			Uint8("a", &n.a),
			Struct("inner", &Description{
				Name: "inner", Fields: []Field{Uint8("d", &n.d)},
				Subsections: []Subsection{{Name: "inner/e", Version: 4, Fields: []Field{Uint8("e", &n.e)}}},
			}),
		},
		Subsections: []Subsection{{
			Name: "dev/b", Version: 2, MinVersion: 1,
			Needed: func() bool { return n.withB },
			Fields: []Field{Uint8("b", &n.b)},
			Subsections: []Subsection{{
				Name: "dev/b/c", Version: 1,
				Needed: func() bool { return n.withC },
				Fields: []Field{Uint8("c", &n.c)},
			}},
		}},
	}
}

const (
	innerE = "05 07 696e6e65722f65 00000004"
	devB   = "05 05 6465762f62 00000002"
	devBC  = "05 07 6465762f622f63 00000001"
)

func TestSubsections(t *testing.T) {
	from := &nested{1, 2, 3, 4, 5, true, true}
	body, text := save(t, from.describe())
	if want := unhex(t, "01 04 "+innerE+"05"+devB+"02"+devBC+"03"); !bytes.Equal(body, want) {
		t.Errorf("saved % x\nwant  % x", body, want)
	}
	to := &nested{withB: true, withC: true}
	if err := to.describe().Load(reader(body), 1); err != nil || *to != *from {
		t.Errorf("loaded %+v, %v", to, err)
	}
	const want = `{"page_size": 4096, "devices": [{"name": "dev", "instance_id": 7, "vmsd_name": "dev", "version": 1, "fields": [` +
		`{"name": "a", "type": "uint8", "size": 1}, {"name": "inner", "type": "struct", "struct": {"vmsd_name": "inner", "version": 0, "fields": [` +
		`{"name": "d", "type": "uint8", "size": 1}], "subsections": [{"vmsd_name": "inner/e", "version": 4, "fields": [{"name": "e", "type": "uint8", "size": 1}]}]}, "size": 15}], ` +
		`"subsections": [{"vmsd_name": "dev/b", "version": 2, "fields": [{"name": "b", "type": "uint8", "size": 1}], ` +
		`"subsections": [{"vmsd_name": "dev/b/c", "version": 1, "fields": [{"name": "c", "type": "uint8", "size": 1}]}]}]}]}`
	if text != want {
		t.Errorf("description\n got %s\nwant %s", text, want)
	}
	from.withB = false
	if body, _ := save(t, from.describe()); !bytes.Equal(body, unhex(t, "01 04 "+innerE+"05")) {
		t.Errorf("saved without b: % x", body)
	}
}

// What follows the fields is a subsection only if its name says so.
func TestSubsectionPeek(t *testing.T) {
	for name, test := range map[string]struct {
		follows string
		taken   int // of what follows
	}{
		"nothing":                        {"", 0},
		"another byte":                   {"04 0102", 0},
		"marker alone":                   {"05", 0},
		"name too short":                 {"05 03 646576", 0},
		"name cut":                       {"05 05 6465762f", 0},
		"name of another":                {"05 05 6f74682f62 00000002 07", 0},
		"marker as data":                 {"05 05 05 05 05 05 05 05 05 05 05", 0},
		"older version":                  {"05 05 6465762f62 00000001 07", 12},
		"twice":                          {devB + "07" + devB + "08", 24},
		"subsection of the struct later": {devB + "07" + innerE + "05", 12},
	} {
		n := new(nested)
		body := unhex(t, "01 04 "+test.follows)
		r := reader(body)
		if err := n.describe().Load(r, 1); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := int(r.Offset()) - 2; got != test.taken {
			t.Errorf("%s: %d bytes taken, want %d", name, got, test.taken)
		}
	}
}

func TestSubsectionErrors(t *testing.T) {
	for name, test := range map[string]struct {
		follows, want string
		errno         error
	}{
		"unknown":    {"05 05 6465762f78 00000001", `Failed to load dev:dev/x: subsection "dev/x" is unknown here`, syscall.ENOENT},
		"too new":    {"05 05 6465762f62 00000003 07", "dev/b: incoming version_id 3 is too new for local version_id 2", syscall.EINVAL},
		"too old":    {"05 05 6465762f62 00000000 07", "dev/b: incoming version_id 0 is too old for local minimum version_id 1", syscall.EINVAL},
		"no version": {"05 05 6465762f62 0000", "Failed to load dev:dev/b: unexpected EOF", io.ErrUnexpectedEOF},
		"no body":    {devB, "Failed to load dev:dev/b: Failed to load dev/b:b: unexpected EOF", io.ErrUnexpectedEOF},
	} {
		err := new(nested).describe().Load(reader(unhex(t, "01 04 "+test.follows)), 1)
		wantErr(t, err, test.want)
		if !errors.Is(err, test.errno) {
			t.Errorf("%s: %v is not %v", name, err, test.errno)
		}
	}
}

// A reader of a live stream must not wait for bytes that it does not need.
func TestSubsectionPeekDoesNotWait(t *testing.T) {
	for _, next := range []string{"7e", "05 03", "05 40 6f6f6f"} {
		body := unhex(t, "01 04 "+next)
		r := stream.NewReader(io.MultiReader(bytes.NewReader(body), never{t}))
		if err := new(nested).describe().Load(r, 1); err != nil {
			t.Error(err)
		}
	}
}

type never struct{ t *testing.T }

func (n never) Read([]byte) (int, error) {
	n.t.Error("the reader wants more than it needs")
	return 0, io.EOF
}
