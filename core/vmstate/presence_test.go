package vmstate

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"qmpmigrate/core/stream"
)

type versioned struct{ a, b, c uint8 }

func (v *versioned) describe() *Description {
	return &Description{
		Name: "versioned", Version: 3, MinVersion: 1,
		Fields: []Field{
			Uint8("a", &v.a),
			Uint8("b", &v.b, Since(3)),
			Uint8("c", &v.c, If(func(version uint32) bool { return v.a == 1 && version >= 2 })),
		},
	}
}

func TestPresence(t *testing.T) {
	for _, test := range []struct {
		version uint32
		body    string
		want    versioned
	}{
		{3, "010203", versioned{1, 2, 3}},
		{3, "0002", versioned{0, 2, 0}},
		{2, "0103", versioned{1, 0, 3}},
		{1, "01", versioned{1, 0, 0}},
	} {
		var v versioned
		r := reader(unhex(t, test.body+"ff"))
		if err := v.describe().Load(r, test.version); err != nil {
			t.Errorf("%d %s: %v", test.version, test.body, err)
		}
		if v != test.want || r.Offset() != int64(len(test.body)/2) {
			t.Errorf("%d %s: %+v after %d bytes, want %+v", test.version, test.body, v, r.Offset(), test.want)
		}
	}
}

func TestVersions(t *testing.T) {
	v := versioned{}
	d := v.describe()
	d.MinVersion = 2
	wantErr(t, d.Load(reader(nil), 4), "versioned: incoming version_id 4 is too new for local version_id 3")
	err := d.Load(reader(nil), 1)
	wantErr(t, err, "versioned: incoming version_id 1 is too old for local minimum version_id 2")
	if !errors.Is(err, syscall.EINVAL) {
		t.Error("the error is not EINVAL")
	}
	if d.VersionID() != 3 {
		t.Error("VersionID is not Version")
	}
}

// A struct is read in its own current version, whatever the version of the
// body around it; a vstruct in the version of its field.
func TestNestedVersions(t *testing.T) {
	var in, vin versioned
	d := &Description{Name: "outer", Version: 9, Fields: []Field{
		Struct("in", in.describe()),
		VStruct("vin", vin.describe(), 1),
	}}
	if err := d.Load(reader([]byte{0, 5, 7}), 9); err != nil {
		t.Fatal(err)
	}
	if in != (versioned{b: 5}) || vin != (versioned{a: 7}) {
		t.Errorf("%+v %+v", in, vin)
	}
	body, text := save(t, d)
	if !bytes.Equal(body, []byte{0, 5, 7}) {
		t.Errorf("saved % x", body)
	}
	if !strings.Contains(text, `"type": "vstruct", "vmsd_name": "versioned", "version": 1`) {
		t.Errorf("description %s", text)
	}
}

func TestValidate(t *testing.T) {
	var n uint8
	d := &Description{Name: "d", Fields: []Field{
		Uint8("n", &n),
		Validate("n is small", func(uint32) bool { return n < 10 }),
	}}
	if err := d.Load(reader([]byte{9}), 0); err != nil {
		t.Error(err)
	}
	wantErr(t, d.Load(reader([]byte{10}), 0), "Input validation failed: d/n is small")
	wantErr(t, d.Save(stream.NewWriter(new(bytes.Buffer)), nil), "Output state validation failed: d/n is small")
}

func TestCounts(t *testing.T) {
	for _, test := range []struct {
		n    int32
		bad  bool
		want []byte
	}{
		{0, false, []byte{}}, {2, false, []byte{1, 2}}, {3, false, []byte{1, 2, 3}}, {4, true, nil}, {-1, true, nil},
	} {
		n, s := test.n, []uint8{1, 2, 3}
		d := &Description{Name: "d", Fields: []Field{Array("s", s, Count(&n))}}
		var out bytes.Buffer
		w := stream.NewWriter(&out)
		err := d.Save(w, nil)
		w.Flush()
		loadErr := d.Load(reader([]byte{7, 8, 9}), 0)
		if test.bad {
			wantErr(t, err, fmt.Sprintf("Save of field d/s failed: count %d is outside 0 to 3", n))
			wantErr(t, loadErr, fmt.Sprintf("Failed to load d:s: count %d is outside 0 to 3", n))
			continue
		}
		if err != nil || loadErr != nil || !bytes.Equal(out.Bytes(), test.want) {
			t.Errorf("%d: % x, %v, %v", n, out.Bytes(), err, loadErr)
		}
	}
}

// What is not there cannot be written, and must not panic.
func TestSaveOfMissingElements(t *testing.T) {
	n := uint32(2)
	for _, f := range []Field{
		AllocArray("f", new([]uint16), 4, Count(&n)),
		AllocStructArray("f", new([]pair), 4, describePair, Count(&n)),
		AllocBuffer("f", new([]byte), 4, Count(&n)),
		AllocBitmap("f", new([]uint64), 4, Count(&n)),
		Names("f", new([]string), 4, Count(&n)),
	} {
		d := &Description{Name: "d", Fields: []Field{f}}
		wantErr(t, d.Save(stream.NewWriter(new(bytes.Buffer)), nil), "Save of field d/f failed: there are only 0")
	}
}

func TestCountOnSingle(t *testing.T) {
	n, v := uint8(0), uint32(1)
	d := &Description{Name: "d", Fields: []Field{Uint32("v", &v, Count(&n))}}
	if body, _ := save(t, d); len(body) != 0 {
		t.Errorf("% x", body)
	}
}
