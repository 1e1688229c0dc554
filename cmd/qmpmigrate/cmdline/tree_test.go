package cmdline

import (
	"fmt"
	"testing"

	"qmpmigrate/qapi/qobject"
)

// fromJSON and fromText make trees of the two forms.
func fromJSON(t *testing.T, text string) *tree {
	t.Helper()
	dict, err := parseJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	return newTree(dict, false)
}

func fromText(t *testing.T, text string) *tree {
	t.Helper()
	dict, _, err := ParseKeyval(text, "")
	if err != nil {
		t.Fatal(err)
	}
	return newTree(dict, true)
}

// everything is a schema with every kind of member.
func everything() []field {
	return []field{
		{name: "s"}, {name: "b", kind: fieldBool}, {name: "u2", kind: fieldUint16}, {name: "u4", kind: fieldUint32},
		{name: "u8", kind: fieldUint64}, {name: "i", kind: fieldInt64}, {name: "z", kind: fieldSize},
		{name: "e", kind: fieldEnum, values: []string{"one", "two"}},
		{name: "ss", kind: fieldStrings}, {name: "ns", kind: fieldNumbers},
		{name: "os", kind: fieldStructs, fields: []field{field{name: "x"}.required(), {name: "y", kind: fieldBool}}},
	}
}

func TestReadFields(t *testing.T) {
	const want = `{"s": "v", "b": true, "u2": 65535, "u4": 4294967295, "u8": 18446744073709551615, "i": -1, ` +
		`"z": 1024, "e": "two", "ss": ["p", "q"], "ns": [1, 2], "os": [{"x": "1", "y": false}, {"x": "2"}]}`
	for _, source := range []*tree{
		fromJSON(t, want),
		fromText(t, "s=v,b=y,u2=0xffff,u4=4294967295,u8=-1,i=-1,z=1k,e=two,ss.0=p,ss.1=q,ns.0=1,ns.1=2,"+
			"os.0.x=1,os.0.y=off,os.1.x=2"),
	} {
		out := qobject.NewDict()
		readFields(source, everything(), out)
		if err := source.finish(); err != nil || compact(out) != want {
			t.Errorf("text %v: %v\n got %s\nwant %s", source.text, err, compact(out), want)
		}
	}
}

func TestReadFieldsErrors(t *testing.T) {
	for _, row := range []struct {
		json bool
		text string
		want string
	}{
		{true, `{"s": 1}`, "Invalid parameter type for 's', expected: string"},
		{true, `{"s": null}`, "Invalid parameter type for 's', expected: string"},
		{true, `{"s": {}}`, "Invalid parameter type for 's', expected: string"},
		{true, `{"b": "on"}`, "Invalid parameter type for 'b', expected: boolean"},
		{true, `{"u2": 65536}`, "Parameter 'u2' expects uint16_t"},
		{true, `{"u4": -1}`, "Parameter 'u4' expects uint32_t"},
		{true, `{"u8": "1"}`, "Parameter 'u8' expects uint64"},
		{true, `{"u8": 1.5}`, "Parameter 'u8' expects uint64"},
		{true, `{"i": 9223372036854775808}`, "Invalid parameter type for 'i', expected: integer"},
		{true, `{"i": 1.0}`, "Invalid parameter type for 'i', expected: integer"},
		{true, `{"z": "1M"}`, "Parameter 'z' expects uint64"},
		{true, `{"z": -1}`, "Value '-1' is out of range for parameter 'z'"},
		{true, `{"e": "three"}`, "Parameter 'e' does not accept value 'three'"},
		{true, `{"e": 1}`, "Invalid parameter type for 'e', expected: string"},
		{true, `{"ss": "p"}`, "Invalid parameter type for 'ss', expected: array"},
		{true, `{"ss": ["p", 1]}`, "Invalid parameter type for 'ss[1]', expected: string"},
		{true, `{"ns": [70000]}`, "Parameter 'ns[0]' expects uint16_t"},
		{true, `{"os": [{"x": "1"}, {}]}`, "Parameter 'os[1].x' is missing"},
		{true, `{"os": [{"x": "1", "w": 1}]}`, "Parameter 'os[0].w' is unexpected"},
		{true, `{"os": ["x"]}`, "Invalid parameter type for 'os[0]', expected: object"},
		{true, `{"w": 1, "s": 2}`, "Invalid parameter type for 's', expected: string"}, // known members come first
		{false, "w=1", "Parameter 'w' is unexpected"},
		{false, "s.x=1", "Parameters 's.*' are unexpected"},
		{false, "s.0=1", "Parameters 's.*' are unexpected"},
		{false, "b=maybe", "Parameter 'b' expects 'on' or 'off'"},
		{false, "u2=65536", "Parameter 'u2' expects uint16_t"},
		{false, "u8=1k", "Parameter 'u8' expects integer"},
		{false, "i=x", "Parameter 'i' expects integer"},
		{false, "z=1MB", "Parameter 'z' expects size"},
		{false, "e=three", "Parameter 'e' does not accept value 'three'"},
		{false, "ss=p", "Invalid parameter type for 'ss', expected: array"},
		{false, "ss.a=p", "Invalid parameter type for 'ss', expected: array"},
		{false, "os.0=x", "Invalid parameter type for 'os.0', expected: object"},
		{false, "os.0.y=on", "Parameter 'os.0.x' is missing"},
	} {
		source := fromText
		if row.json {
			source = fromJSON
		}
		tr := source(t, row.text)
		readFields(tr, everything(), qobject.NewDict())
		if err := tr.finish(); err == nil || err.Error() != row.want {
			t.Errorf("%s:\n got %v\nwant %s", row.text, err, row.want)
		}
	}
}

// After the first error every reader returns nothing, in the whole tree.
func TestTreeErrorSticks(t *testing.T) {
	tr := fromText(t, "a=x,b=on,c.d=1,e.0=1,f=1k,g=2")
	if _, ok := tr.int("a"); ok {
		t.Fatal("a is a number")
	}
	b, okB := tr.bool("b")
	f, okF := tr.size("f")
	g, okG := tr.uint("g", 10, "uint8_t")
	_, okE := tr.list("e")
	if c := tr.object("c"); c != nil || okB || okF || okG || okE || b || f != 0 || g != 0 {
		t.Error("values after an error: ", fmt.Sprint(c, b, f, g, okE))
	}
	if err := tr.finish(); err == nil || err.Error() != "Parameter 'a' expects integer" {
		t.Errorf("finish: %v", err)
	}
}

func TestStructured(t *testing.T) {
	for _, row := range []struct{ text, want, err string }{
		{"x,a=1", `{"type": "x", "a": "1"}`, ""},
		{`{"a": [1, true, null]}`, `{"a": [1, true, null]}`, ""},
		{`{'a': 'b'}`, `{"a": "b"}`, ""},
		{`{`, "", "JSON parse error, premature EOI"},
		{`{} {}`, "", "Expecting at most one JSON value"},
		{` {}`, `{"type": " {}"}`, ""}, // not JSON: the brace is not the first character
	} {
		tr, err := parseStructured(row.text, "type")
		got, failure := "", ""
		if err != nil {
			failure = err.Error()
		} else {
			got = compact(tr.dict)
		}
		if got != row.want || failure != row.err {
			t.Errorf("%q: %s %s, want %s %s", row.text, got, failure, row.want, row.err)
		}
	}
}
