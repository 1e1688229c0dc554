package schema

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// text is a schema as a server writes it, with every sort of type.
const text = `[
 {"name": "frob", "meta-type": "command", "arg-type": "1", "ret-type": "[str]", "allow-oob": true, "features": ["unstable"]},
 {"name": "add", "meta-type": "command", "arg-type": "2", "ret-type": "0"},
 {"name": "DONE", "meta-type": "event", "arg-type": "1"},
 {"name": "0", "meta-type": "object", "members": []},
 {"name": "1", "meta-type": "object", "members": [
   {"name": "size", "type": "int"}, {"name": "mode", "type": "3", "default": null, "features": ["deprecated"]},
   {"name": "ratio", "type": "number", "default": null}, {"name": "on", "type": "bool", "default": null},
   {"name": "id", "type": "str", "default": null}, {"name": "list", "type": "[3]", "default": null},
   {"name": "objects", "type": "[2]", "default": null}, {"name": "creds", "type": "4", "default": null},
   {"name": "either", "type": "5", "default": null}, {"name": "what", "type": "any", "default": null},
   {"name": "nothing", "type": "null", "default": null}]},
 {"name": "2", "meta-type": "object", "tag": "kind", "members": [{"name": "kind", "type": "3"}],
   "variants": [{"case": "fast", "type": "1"}]},
 {"name": "3", "meta-type": "enum", "values": ["fast", "slow", "none"], "members": [{"name": "fast"}, {"name": "slow"}, {"name": "none"}]},
 {"name": "4", "meta-type": "alternate", "members": [{"type": "str"}, {"type": "null"}]},
 {"name": "5", "meta-type": "alternate", "members": [{"type": "2"}, {"type": "int"}]},
 {"name": "[3]", "meta-type": "array", "element-type": "3"}, {"name": "[2]", "meta-type": "array", "element-type": "2"},
 {"name": "[str]", "meta-type": "array", "element-type": "str"},
 {"name": "int", "meta-type": "builtin", "json-type": "int"}, {"name": "str", "meta-type": "builtin", "json-type": "string"},
 {"name": "bool", "meta-type": "builtin", "json-type": "boolean"}, {"name": "number", "meta-type": "builtin", "json-type": "number"},
 {"name": "null", "meta-type": "builtin", "json-type": "null"}, {"name": "any", "meta-type": "builtin", "json-type": "value"}]`

func parsed(t *testing.T) *Schema {
	t.Helper()
	s, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchema(t *testing.T) {
	s := parsed(t)
	if got := s.Commands(); !slices.Equal(got, []string{"add", "frob"}) {
		t.Errorf("commands are %q", got)
	}
	if got := s.Events(); !slices.Equal(got, []string{"DONE"}) {
		t.Errorf("events are %q", got)
	}
	c, ok := s.Command("frob")
	if !ok || !c.AllowOOB || !slices.Equal(c.Features, []string{"unstable"}) || c.Returns.String() != "[str]" {
		t.Errorf("command is %+v", c)
	}
	var shape []string
	for _, m := range c.Arguments.Members() {
		word := m.Name + ":" + m.Type.String()
		if m.Optional {
			word += "?"
		}
		shape = append(shape, word+strings.Join(m.Features, ""))
	}
	const want = "size:int mode:fast|slow|none?deprecated ratio:number? on:bool? id:str? list:[fast|slow|none]? " +
		"objects:[object]? creds:str or null? either:object or int? what:any? nothing:null?"
	if got := strings.Join(shape, " "); got != want {
		t.Errorf("arguments are\n%s\n%s", got, want)
	}
	add, _ := s.Command("add")
	if _, ok := add.Arguments.Member("size", ""); ok {
		t.Error("a variant's member is there without its tag")
	}
	if m, ok := add.Arguments.Member("size", "fast"); !ok || m.Type.Kind() != Int || add.Arguments.Tag() != "kind" {
		t.Errorf("variant's member is %+v", m)
	}
	if data, ok := s.Event("DONE"); !ok || data.Kind() != Object {
		t.Error("event has no data")
	}
	for _, name := range []string{"DONE", "1", "other"} {
		if _, ok := s.Command(name); ok {
			t.Errorf("%s is a command", name)
		}
	}
}

func TestParseFails(t *testing.T) {
	for _, bad := range []string{"", "{}", `[{"name": 1}]`, `[{"members": [{"name": 1}]}]`} {
		if _, err := Parse([]byte(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	s, err := Parse([]byte(`[null, {"name": "x", "meta-type": "command", "arg-type": "gone"}]`))
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := s.Command("x"); c.Arguments.Kind() != Any || c.Arguments.Members() == nil {
		t.Error("a type that is not there is not any")
	}
}

// Types that hold themselves, or as good as that, are none: who walks through them must come to an end.
func TestNesting(t *testing.T) {
	const command = `{"name": "c", "meta-type": "command", "arg-type": "o", "ret-type": "a"},
		{"name": "o", "meta-type": "object", "members": [{"name": "self", "type": "o"}, {"name": "m", "type": "a"}]},`
	array := func(name, of string) string {
		return `{"name": "` + name + `", "meta-type": "array", "element-type": "` + of + `"}`
	}
	either := func(name, of string) string {
		return `{"name": "` + name + `", "meta-type": "alternate", "members": [{"type": "int"}, {"type": "` + of + `"}]}`
	}
	for want, types := range map[string]string{
		"type 'a'":      array("a", "a"),
		"type 'b'":      array("a", "int") + "," + either("b", "b"),
		"type ":         array("a", "b") + "," + either("b", "a"),
		"type 'a' ":     array("a", "b") + "," + array("b", "d") + "," + array("d", "e") + "," + array("e", "gone"),
		"[any or any]":  array("a", "b") + "," + either("b", "gone"),
		"[[[object]]]":  array("a", "b") + "," + array("b", "d") + "," + array("d", "o"),
		"any or object": either("a", "o"),
	} {
		s, err := Parse([]byte("[" + command + types + "]"))
		if strings.HasPrefix(want, "type") {
			if err == nil || !strings.HasPrefix(err.Error(), "schema: "+want) {
				t.Errorf("%s: %v", types, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", types, err)
			continue
		}
		if c, _ := s.Command("c"); c.Returns.String() != want {
			t.Errorf("%s is %s", types, c.Returns)
		}
	}
}

func TestValues(t *testing.T) {
	arguments, _ := parsed(t).Command("frob")
	for _, tc := range []struct{ name, text, want string }{
		{"size", "5", "5"}, {"size", "-5", "-5"}, {"size", "0x10", "16"}, {"size", "1G", "1073741824"}, {"size", "1.5k", "1536"},
		{"size", "7B", "7"}, {"size", "18446744073709551615", "18446744073709551615"}, {"size", "0", "0"},
		{"size", "", "!not a whole number"}, {"size", "G", "!not a whole number"}, {"size", "1e3", "!not a whole number"},
		{"size", "010", "10"}, {"size", "1_0", "!not a whole number"}, {"size", "-1G", "!not a whole number"}, {"size", "99E", "!out of range"},
		{"size", "9E", "10376293541461622784"}, {"size", "infk", "!not a whole number"}, {"size", "99999999999999999999", "!out of range"},
		{"mode", "slow", `"slow"`}, {"mode", "slwo", "!'slwo' is not a value; did you mean slow?"},
		{"mode", "zzzzzzzz", "!'zzzzzzzz' is not one of fast, slow, none"},
		{"ratio", "1.5", "1.5"}, {"ratio", "x", "!not a number"}, {"ratio", "nan", "!not a number"}, {"ratio", "-Inf", "!not a number"},
		{"on", "on", "true"}, {"on", "false", "false"}, {"on", "1", "!neither on nor off"},
		{"id", "5", `"5"`}, {"id", "", `""`},
		{"list", "fast,none", `["fast","none"]`}, {"list", "", "[]"}, {"list", "['x']", `["x"]`}, {"list", "fast,x", "!not one of"},
		{"objects", "{}", "!a list"}, {"objects", "[{'kind': 'fast'}]", `[{"kind":"fast"}]`}, {"objects", "[", "!'['"},
		{"creds", "t0", `"t0"`}, {"creds", "null", "null"},
		{"either", "{'kind': 'slow'}", `{"kind":"slow"}`}, {"either", "3", "3"}, {"either", "x", "!must begin with {"},
		{"what", "{'a': [1]}", `{"a":[1]}`}, {"what", "some text", `"some text"`}, {"what", "true", "true"},
		{"nothing", "null", "null"}, {"nothing", "0", "!not null"},
	} {
		m, ok := arguments.Arguments.Member(tc.name, "")
		if !ok {
			t.Fatal(tc.name)
		}
		value, err := m.Type.Value(tc.text)
		if reason, bad := strings.CutPrefix(tc.want, "!"); bad {
			if err == nil || !strings.Contains(err.Error(), reason) {
				t.Errorf("%s=%s: %v, %v", tc.name, tc.text, value, err)
			}
			continue
		}
		got, jsonErr := json.Marshal(value)
		if err != nil || jsonErr != nil || string(got) != tc.want {
			t.Errorf("%s=%s is %s, not %s (%v, %v)", tc.name, tc.text, got, tc.want, err, jsonErr)
		}
	}
}

func TestSize(t *testing.T) {
	if n, err := Size("100M"); err != nil || n != 100<<20 {
		t.Errorf("%d, %v", n, err)
	}
	for _, bad := range []string{"-1", "18446744073709551615", "much"} {
		if n, err := Size(bad); err == nil {
			t.Errorf("%s is %d", bad, n)
		}
	}
}

func TestTypeOf(t *testing.T) {
	for want, value := range map[Kind]any{Int: 1.0, Bool: false, String: "", Any: []any{}} {
		if got := TypeOf(value).Kind(); got != want {
			t.Errorf("%v is %s", value, got)
		}
	}
}

func TestNear(t *testing.T) {
	names := []string{"multifd", "multifd-channels", "max-bandwidth", "downtime-limit", "x-colo"}
	for name, want := range map[string]string{
		"multfd":          "multifd",
		"bandwidth":       "max-bandwidth",
		"downtime_limit":  "downtime-limit",
		"multifd-chanels": "multifd-channels",
		"nonsense":        "",
		"x":               "",
		"":                "",
	} {
		if got := Near(name, names); strings.Join(got, " ") != want {
			t.Errorf("near %s are %q", name, got)
		}
	}
	if DidYouMean(nil) != "" || DidYouMean([]string{"a", "b"}) != "did you mean a, b?" {
		t.Error("suggestions are worded otherwise")
	}
}

func FuzzValue(f *testing.F) {
	for _, seed := range []string{"1G", "[1,", "{'a': 1}", "on", "-0x1", "1.7976931348623157e308K", "nan"} {
		f.Add(seed)
	}
	s, err := Parse([]byte(text))
	if err != nil {
		f.Fatal(err)
	}
	c, _ := s.Command("frob")
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range c.Arguments.Members() {
			value, err := m.Type.Value(text)
			if err != nil {
				continue
			}
			if _, err := json.Marshal(value); err != nil {
				t.Errorf("%s=%q: %v", m.Name, text, err)
			}
		}
	})
}

// Whatever a server calls its schema: it is refused, or all that is asked of it comes to an end.
func FuzzSchema(f *testing.F) {
	for _, seed := range []string{
		text,
		`[{"name": "c", "meta-type": "command", "arg-type": "o", "ret-type": "a"},
		  {"name": "o", "meta-type": "object", "tag": "t", "members": [{"name": "t", "type": "o"}], "variants": [{"case": "", "type": "o"}]},
		  {"name": "a", "meta-type": "array", "element-type": "b"}, {"name": "b", "meta-type": "alternate", "members": [{"type": "a"}]}]`,
		`[{"meta-type": "alternate", "members": [{}]}, null]`,
	} {
		f.Add(seed, "1,2")
	}
	f.Fuzz(func(t *testing.T, text, word string) {
		s, err := Parse([]byte(text))
		if err != nil {
			return
		}
		for _, name := range s.Commands() {
			c, ok := s.Command(name)
			if !ok || c.Name != name {
				t.Errorf("%q is listed, and %q is found", name, c.Name)
			}
			_ = c.Returns.String()
			for _, m := range c.Arguments.Members() {
				_ = m.Type.String()
				if value, err := m.Type.Value(word); err == nil {
					if _, err := json.Marshal(value); err != nil {
						t.Errorf("%s=%q: %v", m.Name, word, err)
					}
				}
			}
		}
	})
}
