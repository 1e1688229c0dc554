package vmstate

import (
	"bytes"
	"errors"
	"io"
	"syscall"
	"testing"

	"qmpmigrate/core/stream"
)

func TestRefusedValues(t *testing.T) {
	u8, u16, u32, u64, i32 := uint8(1), uint16(1), uint32(1), uint64(1), int32(5)
	for _, test := range []struct {
		field Field
		body  string
		want  string
	}{
		{Uint8Equal("f", &u8), "ff", "Failed to load d:f: 1 != ff"},
		{Uint16Equal("f", &u16), "00ff", "Failed to load d:f: 1 != ff"},
		{Uint32Equal("f", &u32), "000000ff", "Failed to load d:f: 1 != ff"},
		{Uint64Equal("f", &u64), "00000000000000ff", "Failed to load d:f: 1 != ff"},
		{Int32Equal("f", &i32), "00000006", "Failed to load d:f: 5 != 6"},
		{Int32LE("f", &i32), "00000006", "Failed to load d:f: Invalid value 6 expecting positive value <= 5"},
		{Int32LE("f", &i32), "ffffffff", "Failed to load d:f: Invalid value -1 expecting positive value <= 5"},
		{Pointers("f", []*pair{nil}, describePair), "31", "expected VMS_NULLPTR_MARKER, got 0x31"},
		{QTailq("f", new([]*pair), 1, describePair), "01 0102 01 0102 00", "more than 1 elements"},
		{QList("f", new([]*pair), 0, describePair), "01", "more than 0 elements"},
		{GTree("f", new(map[uint64]*pair), 8, describePair), "00000001 00", "1 nodes were announced, 0 came"},
		{GTree("f", new(map[uint64]*pair), 8, describePair), "00000000 01", "more nodes than 0"},
		{GTree("f", new(map[uint64]*pair), 0, describePair), "ffffffff 01", "more nodes than 0"},
		{GTreeNodes("f", new([]*TreeNode[pair, pair]), 1, describePair, describePair), "ffffffff 01 01020304 01", "more nodes than 1"},
	} {
		d := &Description{Name: "d", Fields: []Field{test.field}}
		err := d.Load(reader(unhex(t, test.body)), 0)
		wantErr(t, err, test.want)
		if !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%v is not EINVAL", err)
		}
	}
	if u8 != 1 || i32 != 5 {
		t.Error("a refused value was stored")
	}
}

func TestLoadErrorTellsPlace(t *testing.T) {
	var p pair
	var x uint32
	d := &Description{Name: "outer", Fields: []Field{Uint32("x", &x), Struct("p", p.describe())}}
	err := d.Load(reader([]byte{0, 0, 0, 1, 2}), 0)
	if want := "Failed to load outer:p: Failed to load pair:b: unexpected EOF"; err == nil || err.Error() != want {
		t.Fatalf("%v, want %s", err, want)
	}
	outer, _ := errors.AsType[*LoadError](err)
	inner, _ := errors.AsType[*LoadError](outer.Err)
	if outer.Offset != 4 || inner.Offset != 5 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("offsets %d and %d", outer.Offset, inner.Offset)
	}
}

func TestHooks(t *testing.T) {
	var calls []string
	call := func(name string) func() error {
		return func() error { calls = append(calls, name); return nil }
	}
	var x uint8
	d := &Description{
		Name: "d", Version: 2, Fields: []Field{Uint8("x", &x)},
		PreSave: call("pre-save"), PostSave: call("post-save"), PreLoad: call("pre-load"),
		PostLoad: func(version uint32) error {
			if version != 1 {
				t.Errorf("post-load gets version %d", version)
			}
			return call("post-load")()
		},
	}
	body, _ := save(t, d)
	if err := d.Load(reader(body), 1); err != nil {
		t.Fatal(err)
	}
	want := []string{"pre-save", "post-save", "pre-load", "post-load"}
	for i, name := range want {
		if i >= len(calls) || calls[i] != name {
			t.Fatalf("calls %v, want %v", calls, want)
		}
	}
}

func TestHooksFail(t *testing.T) {
	bad := errors.New("bad")
	no := func() error { return bad }
	for want, d := range map[string]*Description{
		"pre-save failed: d: bad":  {Name: "d", PreSave: no},
		"post-save failed: d: bad": {Name: "d", PostSave: no},
	} {
		err := d.Save(stream.NewWriter(new(bytes.Buffer)), nil)
		wantErr(t, err, want)
		if !errors.Is(err, bad) {
			t.Error("the cause is lost")
		}
	}
	wantErr(t, (&Description{Name: "d", PreLoad: no}).Load(reader(nil), 0), "pre-load failed: d: bad")
	wantErr(t, (&Description{Name: "d", PostLoad: func(uint32) error { return bad }}).Load(reader(nil), 0),
		"post-load failed: d: bad")
}
