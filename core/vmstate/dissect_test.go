package vmstate

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// dissect parses fields as the description of the device "dev" and takes body apart by it.
func dissect(t *testing.T, fields, body string) (*Node, error) {
	t.Helper()
	text := `{"devices": [{"name": "dev", "instance_id": 2, "vmsd_name": "dev", "version": 1, ` + fields + `}]}`
	desc, err := ParseDescription([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return Dissect(&desc.Devices[0], unhex(t, body))
}

// outline writes the leaves of a tree, each as path@offset+size.
func outline(n *Node) string {
	var parts []string
	var visit func(n *Node, path string)
	visit = func(n *Node, path string) {
		for i := range n.Children {
			c := &n.Children[i]
			p := path + c.Name
			if c.Index >= 0 {
				p += fmt.Sprintf("[%d]", c.Index)
			}
			if len(c.Children) == 0 {
				parts = append(parts, fmt.Sprintf("%s@%d+%d", p, c.Offset, c.Size))
			}
			visit(c, p+".")
		}
	}
	visit(n, "")
	return strings.Join(parts, " ")
}

const u8 = `{"name": "u", "type": "uint8", "size": 1}`

// inner is a struct of one byte in a field named name.
func inner(name, more string) string {
	return `{"name": "` + name + `", ` + more + `"type": "struct", "struct": {"vmsd_name": "in", "version": 1, "fields": [` + u8 + `]}, "size": 1}`
}

const hollowArray = `{"name": "p", "array_len": 3, "type": "struct", "struct": {}, "size": 1}`

func TestDissect(t *testing.T) {
	for name, test := range map[string]struct{ fields, body, want string }{
		"nothing":    {`"fields": []`, "", ""},
		"numbers":    {`"fields": [` + u8 + `, {"name": "a", "array_len": 3, "type": "uint16", "size": 2}]`, "01 000200030004", "u@0+1 a@1+6"},
		"structs":    {`"fields": [` + inner("s", `"array_len": 2, `) + `]`, "0102", "s[0].u@0+1 s[1].u@1+1"},
		"indexed":    {`"fields": [` + inner("s", `"index": 0, `) + `, ` + inner("s", ``) + `]`, "0102", "s[0].u@0+1 s.u@1+1"},
		"subsection": {`"fields": [` + u8 + `], "subsections": [{"vmsd_name": "dev/s", "version": 3, "fields": [` + u8 + `]}]`, "01 05 05 6465762f73 00000003 02", "u@0+1 dev/s.u@12+1"},
		"null 7.2":   {`"fields": [{"name": "p", "index": 0, "type": "struct", "struct": {}, "size": 1}]`, "30", "p[0]@0+1"},
		"null 10.0":  {`"fields": [` + inner("p", `"array_len": 4, `) + `, {"name": "p", "array_len": 2, "type": "nullptr", "size": 1}, ` + inner("p", ``) + `]`, "01 3030 02", "p.u@0+1 p@1+2 p.u@3+1"},
		// The first of the pointers is nil, which tells nothing about the others.
		"hollow":             {`"fields": [` + u8 + `, ` + hollowArray + `, ` + u8 + `]`, "01 30 30 05060708 30 02", "u@0+1 p@1+8"},
		"hollow, all nil":    {`"fields": [` + u8 + `, ` + hollowArray + `, ` + u8 + `]`, "01 303030 02", "u@0+1 p@1+3 u@4+1"},
		"hollow, at its end": {`"fields": [` + hollowArray + `]`, "303005", "p@0+3"},
		"empty size":         {`"fields": [{"name": "z", "array_len": 9223372036854775807, "type": "buffer", "size": 0}, ` + u8 + `]`, "01", "z@0+0 u@0+1"},
		"empty structs": {`"fields": [{"name": "z", "array_len": 9223372036854775807, "type": "struct", "struct": {"fields": [` +
			`{"name": "x", "type": "buffer", "size": 0}]}, "size": 0}]`, "", "z[0].x@0+0"},
		"vstruct":     {`"fields": [{"name": "v", "type": "vstruct", "vmsd_name": "v", "version": 1, "fields": [` + u8 + `], "size": 1}]`, "01", "v.u@0+1"},
		"tmp":         {`"fields": [{"name": "tmp", "type": "tmp", "vmsd_name": "v", "version": 1, "fields": [` + u8 + `], "size": 1}]`, "01", "tmp.u@0+1"},
		"tmp unlike":  {`"fields": [{"name": "tmp", "type": "tmp", "vmsd_name": "v", "version": 1, "fields": [` + u8 + `], "size": 2}]`, "0102", "tmp@0+2"},
		"list":        {`"fields": [{"name": "l", "type": "qtailq", "vmsd_name": "v", "fields": [` + u8 + `], "vmsd_name": "v", "fields": [` + u8 + `], "size": 5}]`, "0105 0106 00", "l.l[0].u@1+1 l.l[1].u@3+1"},
		"empty list":  {`"fields": [{"name": "l", "type": "qlist", "size": 1}]`, "00", "l@0+1"},
		"bad list":    {`"fields": [{"name": "l", "type": "qlist", "vmsd_name": "v", "fields": [` + u8 + `], "size": 3}]`, "0205 00", "l@0+3"},
		"no list end": {`"fields": [{"name": "l", "type": "qlist", "vmsd_name": "v", "fields": [` + u8 + `], "size": 3}]`, "0105 01", "l@0+3"},
		"tree": {`"fields": [{"name": "g", "type": "gtree", "vmsd_name": "v", "fields": [` + u8 + `], "size": 15}]`,
			"00000001 01 0000000000000009 05 00", "g.g[0].u@13+1"},
		"keyed tree": {`"fields": [{"name": "g", "type": "gtree", "vmsd_name": "k", "fields": [` + u8 + `], "vmsd_name": "v", "fields": [` + u8 + `], "size": 8}]`,
			"00000001 01 0809 00", "g.g[0].u@5+1 g.g[0].u@6+1"},
		"short tree":   {`"fields": [{"name": "g", "type": "gtree", "vmsd_name": "k", "fields": [], "size": 2}]`, "0000", "g@0+2"},
		"unknown type": {`"fields": [{"name": "w", "type": "pci config", "size": 4}]`, "01020304", "w@0+4"},
	} {
		root, err := dissect(t, test.fields, test.body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := outline(root); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestDissectErrors(t *testing.T) {
	for name, test := range map[string]struct {
		fields, body, want string
	}{
		"left over":      {`"fields": [` + u8 + `]`, "0102", `section "dev" instance 2: at byte 0x1 of the body: 1 bytes are left over`},
		"too short":      {`"fields": [{"name": "a", "array_len": 3, "type": "uint16", "size": 2}]`, "00", "field a at byte 0x0 of the body: 3 times 2 bytes are described, 1 are there"},
		"deep":           {`"fields": [` + u8 + `, ` + inner("s", "") + `]`, "01", "field s.u at byte 0x1 of the body: 1 times 1 bytes"},
		"huge count":     {`"fields": [{"name": "a", "array_len": 9223372036854775807, "type": "uint16", "size": 9223372036854775807}]`, "00", "are described, 1 are there"},
		"struct size":    {`"fields": [{"name": "s", "type": "struct", "struct": {"vmsd_name": "in", "fields": [` + u8 + `]}, "size": 2}]`, "0102", "field s at byte 0x1 of the body: size 2 is described, the fields take 1"},
		"no subsection":  {`"fields": [], "subsections": [{"vmsd_name": "dev/s", "version": 3, "fields": []}]`, "05 05 6465762f74 00000003", "field dev/s at byte 0x0 of the body: no subsection of this name and version 3"},
		"wrong version":  {`"fields": [], "subsections": [{"vmsd_name": "dev/s", "version": 3, "fields": []}]`, "05 05 6465762f73 00000004", "no subsection of this name and version 3"},
		"cut subsection": {`"fields": [], "subsections": [{"vmsd_name": "dev/s", "version": 3, "fields": []}]`, "05 05 6465", "subsection of 11 bytes or more is described, 4 are there"},
		"hollow, short":  {`"fields": [` + u8 + `, ` + hollowArray + `]`, "01 3030", "field p at byte 0x1 of the body: 3 times 1 bytes are described, 2 are there"},
		"not hollow":     {`"fields": [` + inner("s", `"array_len": 3, `) + `]`, "30 30 05 06", "1 bytes are left over"},
		"endless":        {`"fields": [{"name": "s", "array_len": 1000000, "type": "struct", "struct": {"fields": [` + u8 + `]}, "size": 1}]`, strings.Repeat("00", 1000000), "more than 131072 fields"},
	} {
		_, err := dissect(t, test.fields, test.body)
		wantErr(t, err, test.want)
		if d, ok := errors.AsType[*DissectError](err); err != nil && (!ok || d.Device != "dev" || errors.Unwrap(d) == nil) {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

func TestNodeValues(t *testing.T) {
	for _, test := range []struct {
		typ   string
		size  int
		count int
		body  string
		want  any
	}{
		{"bool", 1, 1, "01", true},
		{"bool", 1, 3, "000102", []bool{false, true, true}},
		{"uint8", 1, 1, "ff", uint64(255)},
		{"int8", 1, 1, "ff", int64(-1)},
		{"int16", 2, 2, "8000 7fff", []int64{-32768, 32767}},
		{"uint16 equal", 2, 1, "ffff", uint64(65535)},
		{"int32 le", 4, 1, "fffffffe", int64(-2)},
		{"int64 equal", 8, 1, "ffffffffffffffff", uint64(1<<64 - 1)},
		{"uint64", 8, 1, "ffffffffffffffff", uint64(1<<64 - 1)},
		{"timer", 8, 1, "ffffffffffffffff", int64(-1)},
		{"CPU_Double_U", 8, 2, "3ff8000000000000 bff8000000000000", []float64{1.5, -1.5}},
		{"bitmap", 16, 1, "0000000000000001 8000000000000000", []uint64{1, 1 << 63}},
		{"capability", 3, 1, "026162", "ab"},
		{"capability", 3, 1, "036162", nil},
		{"uint32", 2, 1, "0102", nil}, // the size is not the type's
		{"uint128", 16, 1, strings.Repeat("00", 16), nil},
		{"buffer", 2, 1, "0102", nil},
		{"unused_buffer", 2, 1, "0000", nil},
	} {
		root, err := dissect(t, fmt.Sprintf(`"fields": [{"name": "x", "array_len": %d, "type": %q, "size": %d}]`,
			test.count, test.typ, test.size), test.body)
		if err != nil {
			t.Fatal(err)
		}
		if got := root.Children[0].Value(); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s of % s: %#v, want %#v", test.typ, test.body, got, test.want)
		}
		if root.Value() != nil || root.Nodes() != 2 {
			t.Error("the device itself has a value")
		}
	}
}
