package vmstate

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"qmpmigrate/core/stream"
)

// everything has one member for each kind of field.
type everything struct {
	B       bool
	I8      int8
	I16     int16
	I32     int32
	I64     int64
	U8      uint8
	U16     uint16
	U32     uint32
	U64     uint64
	Arr8    [2]uint8
	Arr16   [2]uint16
	Arr32   [2]uint32
	Arr64   [2]uint64
	Bools   [2]bool
	N       uint16
	VArr    [4]uint32
	Neg     int32
	Mult    [6]uint8
	Alloc   []int16
	Eq8     uint8
	Eq16    uint16
	Eq32    uint32
	Eq64    uint64
	EqI32   int32
	LE      int32
	Timer   int64
	Timers  [2]int64
	F       float64
	Fs      [2]float64
	Buf     [3]byte
	VBuf    [4]byte
	ABuf    []byte
	Bits    [2]uint64
	ABits   []uint64
	S       pair
	V       pair
	Pairs   [2]pair
	APairs  []pair
	Ptrs    [3]*pair
	Scalars [2]*uint16
	TmpSrc  uint32
	Tail    []*pair
	List    []*pair
	Tree    map[uint64]*pair
	Nodes   []*TreeNode[pair, pair]
	Caps    []string
	Own     string
}

// kind is one row of the table: the field, its bytes and its entries in the description.
type kind struct {
	field Field
	bytes string
	desc  string
}

func (e *everything) kinds() []kind {
	pairText := `"vmsd_name": "pair", "version": 1, "fields": [{"name": "a", "type": "uint8", "size": 1}, {"name": "b", "type": "uint8", "size": 1}]`
	return []kind{
		{Bool("b", &e.B), "01", `{"name": "b", "type": "bool", "size": 1}`},
		{Int8("i8", &e.I8), "fe", `{"name": "i8", "type": "int8", "size": 1}`},
		{Int16("i16", &e.I16), "fffe", `{"name": "i16", "type": "int16", "size": 2}`},
		{Int32("i32", &e.I32), "fffffffe", `{"name": "i32", "type": "int32", "size": 4}`},
		{Int64("i64", &e.I64), "fffffffffffffffe", `{"name": "i64", "type": "int64", "size": 8}`},
		{Uint8("u8", &e.U8), "12", `{"name": "u8", "type": "uint8", "size": 1}`},
		{Uint16("u16", &e.U16), "1234", `{"name": "u16", "type": "uint16", "size": 2}`},
		{Uint32("u32", &e.U32), "12345678", `{"name": "u32", "type": "uint32", "size": 4}`},
		{Uint64("u64", &e.U64), "123456789abcdef0", `{"name": "u64", "type": "uint64", "size": 8}`},
		{Uint8Array("arr8", e.Arr8[:]), "0102", `{"name": "arr8", "array_len": 2, "type": "uint8", "size": 1}`},
		{Uint16Array("arr16", e.Arr16[:]), "00010002", `{"name": "arr16", "array_len": 2, "type": "uint16", "size": 2}`},
		{Uint32Array("arr32", e.Arr32[:]), "00000001 00000002", `{"name": "arr32", "array_len": 2, "type": "uint32", "size": 4}`},
		{Uint64Array("arr64", e.Arr64[:]), "0000000000000001 0000000000000002", `{"name": "arr64", "array_len": 2, "type": "uint64", "size": 8}`},
		{Array("bools", e.Bools[:]), "0001", `{"name": "bools", "array_len": 2, "type": "bool", "size": 1}`},
		{Uint16("n", &e.N), "0002", `{"name": "n", "type": "uint16", "size": 2}`},
		{Array("varr", e.VArr[:], Count(&e.N)), "00000001 00000002", `{"name": "varr", "array_len": 2, "type": "uint32", "size": 4}`},
		{Array("mult", e.Mult[:], Count(&e.N), Multiply(3)), "010203040506", `{"name": "mult", "array_len": 6, "type": "uint8", "size": 1}`},
		{AllocArray("alloc", &e.Alloc, 8, Count(&e.N)), "0001ffff", `{"name": "alloc", "array_len": 2, "type": "int16", "size": 2}`},
		{Uint8Equal("eq8", &e.Eq8), "08", `{"name": "eq8", "type": "uint8 equal", "size": 1}`},
		{Uint16Equal("eq16", &e.Eq16), "0010", `{"name": "eq16", "type": "uint16 equal", "size": 2}`},
		{Uint32Equal("eq32", &e.Eq32), "00000020", `{"name": "eq32", "type": "uint32 equal", "size": 4}`},
		{Uint64Equal("eq64", &e.Eq64), "0000000000000040", `{"name": "eq64", "type": "int64 equal", "size": 8}`},
		{Int32Equal("eqi32", &e.EqI32), "ffffffe0", `{"name": "eqi32", "type": "int32 equal", "size": 4}`},
		{Int32LE("le", &e.LE), "00000005", `{"name": "le", "type": "int32 le", "size": 4}`},
		{Timer("timer", &e.Timer), "ffffffffffffffff", `{"name": "timer", "type": "timer", "size": 8}`},
		{TimerArray("timers", e.Timers[:]), "0000000000000009 000000000000000a", `{"name": "timers", "array_len": 2, "type": "timer", "size": 8}`},
		{Float64("f", &e.F), "3ff8000000000000", `{"name": "f", "type": "CPU_Double_U", "size": 8}`},
		{Float64Array("fs", e.Fs[:]), "0000000000000000 fff0000000000000", `{"name": "fs", "array_len": 2, "type": "CPU_Double_U", "size": 8}`},
		{Buffer("buf", e.Buf[:]), "616263", `{"name": "buf", "type": "buffer", "size": 3}`},
		{VBuffer("vbuf", e.VBuf[:], Count(&e.N)), "6465", `{"name": "vbuf", "type": "buffer", "size": 2}`},
		{AllocBuffer("abuf", &e.ABuf, 16, Count(&e.N), Multiply(2)), "66676869", `{"name": "abuf", "type": "buffer", "size": 4}`},
		{Unused(5), "0000000000", `{"name": "unused", "type": "unused_buffer", "size": 5}`},
		{Bitmap("bits", e.Bits[:]), "0000000000000001 8000000000000000", `{"name": "bits", "type": "bitmap", "size": 16}`},
		{AllocBitmap("abits", &e.ABits, 256, Count(&e.N), Multiply(33)), "00000000000000ff 0000000000000003", `{"name": "abits", "type": "bitmap", "size": 16}`},
		{Struct("s", e.S.describe()), "0102", `{"name": "s", "type": "struct", "struct": {` + pairText + `}, "size": 2}`},
		{VStruct("v", e.V.describe(), 1), "0304", `{"name": "v", "type": "vstruct", ` + pairText + `, "size": 2}`},
		{StructArray("pairs", e.Pairs[:], describePair), "05060708", `{"name": "pairs", "array_len": 2, "type": "struct", "struct": {` + pairText + `}, "size": 2}`},
		{AllocStructArray("apairs", &e.APairs, 4, describePair, Count(&e.N)), "090a0b0c", `{"name": "apairs", "array_len": 2, "type": "struct", "struct": {` + pairText + `}, "size": 2}`},
		{Pointers("ptrs", e.Ptrs[:], describePair), "0d0e 30 0f10", `{"name": "ptrs", "index": 0, "type": "struct", "struct": {` + pairText + `}, "size": 2}, {"name": "ptrs", "index": 1, "type": "nullptr", "size": 1}, {"name": "ptrs", "index": 2, "type": "struct", "struct": {` + pairText + `}, "size": 2}`},
		{ScalarPointers("scalars", e.Scalars[:]), "30 0102", `{"name": "scalars", "index": 0, "type": "nullptr", "size": 1}, {"name": "scalars", "index": 1, "type": "uint16", "size": 2}`},
		{Tmp(e.tmp), "00000002", `{"name": "tmp", "type": "tmp", "vmsd_name": "half", "version": 1, "fields": [{"name": "half", "type": "uint32", "size": 4}], "size": 4}`},
		{QTailq("tail", &e.Tail, 4, describePair), "01 0102 01 0304 00", `{"name": "tail", "type": "qtailq", ` + pairText + `, ` + pairText + `, "size": 7}`},
		{QList("list", &e.List, 4, describePair), "01 0506 00", `{"name": "list", "type": "qlist", ` + pairText + `, "size": 4}`},
		{GTree("tree", &e.Tree, 4, describePair), "00000002 01 0000000000000001 0102 01 0000000000000002 0304 00", `{"name": "tree", "type": "gtree", ` + pairText + `, ` + pairText + `, "size": 27}`},
		{GTreeNodes("nodes", &e.Nodes, 4, describePair, describePair), "00000001 01 0102 0304 00", `{"name": "nodes", "type": "gtree", ` + pairText + `, ` + pairText + `, "size": 10}`},
		{Names("caps", &e.Caps, 4, Count(&e.N)), "02 6162 01 63", `{"name": "caps", "index": 0, "type": "capability", "size": 3}, {"name": "caps", "index": 1, "type": "capability", "size": 2}`},
		{Custom("own", "own codec", e.putOwn, e.getOwn), "03 78797a", `{"name": "own", "type": "own codec", "size": 4}`},
		{Validate("fine", func(uint32) bool { return true }), "", ""},
	}
}

func (e *everything) tmp() *Description {
	half := new(uint32)
	return &Description{
		Name: "half", Version: 1,
		PreSave:  func() error { *half = e.TmpSrc / 2; return nil },
		PostLoad: func(uint32) error { e.TmpSrc = *half * 2; return nil },
		Fields:   []Field{Uint32("half", half)},
	}
}

func (e *everything) putOwn(w *stream.Writer) error {
	w.CountedString(e.Own)
	return nil
}

func (e *everything) getOwn(r *stream.Reader) error {
	e.Own = r.CountedString()
	return nil
}

func describeAll(e *everything) *Description {
	d := &Description{Name: "everything", Version: 3}
	for _, k := range e.kinds() {
		d.Fields = append(d.Fields, k.field)
	}
	return d
}

func TestEveryKind(t *testing.T) {
	from := filled()
	body, text := save(t, describeAll(from))

	var wantBytes, wantText []string
	for _, k := range from.kinds() {
		wantBytes = append(wantBytes, strings.ReplaceAll(k.bytes, " ", ""))
		if k.desc != "" {
			wantText = append(wantText, k.desc)
		}
	}
	if got, want := hex.EncodeToString(body), strings.Join(wantBytes, ""); got != want {
		t.Errorf("bytes\n got %s\nwant %s", got, want)
	}
	want := fmt.Sprintf(`{"page_size": 4096, "devices": [{"name": "dev", "instance_id": 7, "vmsd_name": "everything", "version": 3, "fields": [%s]}]}`,
		strings.Join(wantText, ", "))
	if text != want {
		t.Errorf("description\n got %s\nwant %s", text, want)
	}

	to := empty()
	r := reader(append(body, "rest"...))
	if err := describeAll(to).Load(r, 3); err != nil {
		t.Fatal(err)
	}
	if r.Offset() != int64(len(body)) {
		t.Errorf("%d bytes taken of %d", r.Offset(), len(body))
	}
	if !reflect.DeepEqual(from, to) {
		t.Errorf("loaded\n got %+v\nwant %+v", to, from)
	}
}

// Each kind alone must not need more bytes than it has.
func TestEveryKindCutShort(t *testing.T) {
	for i, k := range filled().kinds() {
		whole := unhex(t, k.bytes)
		for n := range whole {
			e := empty()
			e.N = 2
			d := &Description{Name: "d", Fields: []Field{e.kinds()[i].field}}
			err := d.Load(reader(whole[:n]), 0)
			if err == nil {
				t.Errorf("%s: %d of %d bytes are taken for all", k.field.name, n, len(whole))
				continue
			}
			wantErr(t, err, "Failed to load d:"+k.field.name)
		}
	}
}

func TestEveryKindDissected(t *testing.T) {
	from := filled()
	body, text := save(t, describeAll(from))
	desc, err := ParseDescription([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	root, err := Dissect(&desc.Devices[0], body)
	if err != nil {
		t.Fatal(err)
	}
	rest := root.Children
	for _, k := range from.kinds() {
		if k.bytes == "" {
			continue
		}
		var got []byte
		for len(rest) > 0 && rest[0].Name == k.field.name {
			got = append(got, rest[0].Raw...)
			rest = rest[1:]
		}
		if want := unhex(t, k.bytes); !bytes.Equal(got, want) {
			t.Errorf("%s: % x, want % x", k.field.name, got, want)
		}
	}
	if len(rest) > 0 {
		t.Errorf("%d nodes are left over", len(rest))
	}
}
