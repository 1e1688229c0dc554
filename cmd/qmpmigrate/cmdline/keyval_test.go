package cmdline

import (
	"strings"
	"testing"

	"qmpmigrate/qapi/qobject"
)

func TestKeyval(t *testing.T) {
	for _, row := range []struct{ text, implied, want string }{
		{"", "", `{}`},
		{"a=1", "", `{"a": "1"}`},
		{"a=1,", "", `{"a": "1"}`},
		{"a=1,a=2", "", `{"a": "2"}`},
		{"a=", "", `{"a": ""}`},
		{"a=x,,y,b==", "", `{"a": "x,y", "b": "="}`},
		{"x", "type", `{"type": "x"}`},
		{"x,", "type", `{"type": "x"}`},
		{"x,a=1", "type", `{"type": "x", "a": "1"}`},
		{"type=y,a=1", "type", `{"type": "y", "a": "1"}`},
		{"a.b=1,a.c=2", "", `{"a": {"b": "1", "c": "2"}}`},
		{"a.b.c=1,a.b.d=2,e=3", "", `{"a": {"b": {"c": "1", "d": "2"}}, "e": "3"}`},
		{"a.0=x,a.1=y", "", `{"a": ["x", "y"]}`},
		{"a.1=y,a.0=x", "", `{"a": ["x", "y"]}`},
		{"a.00=x", "", `{"a": ["x"]}`},
		{"a.0.b=x,a.1.b=y", "", `{"a": [{"b": "x"}, {"b": "y"}]}`},
		{"a.0.0=x", "", `{"a": [["x"]]}`},
		{"__com.example_x=1,__com.example_y.z=2", "", `{"__com.example_x": "1", "__com.example_y": {"z": "2"}}`},
		{"main,addr.transport=socket,addr.type=unix,addr.path=/tmp/s", "channel-type",
			`{"channel-type": "main", "addr": {"transport": "socket", "type": "unix", "path": "/tmp/s"}}`},
		{strings.Repeat("k", 127) + "=1", "", `{"` + strings.Repeat("k", 127) + `": "1"}`},
	} {
		tree, help, err := ParseKeyval(row.text, row.implied)
		if err != nil || help {
			t.Errorf("%q: help %v, %v", row.text, help, err)
		} else if got := compact(tree); got != row.want {
			t.Errorf("%q:\n got %s\nwant %s", row.text, got, row.want)
		}
	}
}

func TestKeyvalErrors(t *testing.T) {
	long := strings.Repeat("k", 128)
	for _, row := range []struct{ text, implied, want string }{
		{"x", "", "Expected '=' after parameter 'x'"},
		{"a=1,x", "type", "Expected '=' after parameter 'x'"},
		{"a.b", "", "Expected '=' after parameter 'a.b'"},
		{".x=1", "", "Invalid parameter '.x'"},
		{"=1", "type", "Invalid parameter ''"},
		{",", "", "Invalid parameter ''"},
		{",a=1", "type", "Invalid parameter ''"},
		{"x,,y", "type", "Invalid parameter ''"},
		{"a.=1", "", "Invalid parameter 'a.'"},
		{"a..b=1", "", "Invalid parameter 'a..b'"},
		{"a b=1", "", "Invalid parameter 'a b'"},
		{"1=1", "", "Invalid parameter '1'"},
		{"a.1x=1", "", "Invalid parameter 'a.1x'"},
		{"__com=1", "", "Invalid parameter '__com'"},
		{"{bad=1", "", "Invalid parameter '{bad'"},
		{long + "=1", "", "Parameter '" + long + "' is too long"},
		{"a." + long + "=1", "", "Parameter fragment '" + long + "' is too long"},
		{long + ".a=1", "", "Parameter fragment '" + long + "' is too long"},
		{"a=1,a.b=2", "", "Parameters 'a.*' used inconsistently"},
		{"a.b=2,a=1", "", "Parameters 'a.*' used inconsistently"},
		{"x,driver.y=1", "driver", "Parameters 'driver.*' used inconsistently"},
		{"driver=x,driver.y=1", "driver", "Parameters 'driver.*' used inconsistently"},
		{"a.b.c=1,a.b=2", "", "Parameters 'a.b.*' used inconsistently"},
		{"a.0=1,a.b=2", "", "Parameters 'a.*' used inconsistently"},
		{"a.c.0=1,a.c.b=2", "", "Parameters 'a.c.*' used inconsistently"},
		{"children.1=x", "", "Parameter 'children.0' missing"},
		{"a.0=x,a.2=x", "", "Parameter 'a.1' missing"},
		{"a.0=x,a.99999999999999999999=x", "", "Parameter 'a.1' missing"},
		{"a.b.1.c=x", "", "Parameter 'a.b.0' missing"},
		{"a" + strings.Repeat(".a", 300) + "=1", "", "Parameter 'a" + strings.Repeat(".a", 300) + "' is nested too deeply"},
	} {
		_, _, err := ParseKeyval(row.text, row.implied)
		if err == nil || err.Error() != row.want {
			t.Errorf("%q:\n got %v\nwant %s", row.text, err, row.want)
		}
	}
}

func TestKeyvalHelp(t *testing.T) {
	for _, text := range []string{"help", "?", "x,help", "a=1,?", "help,a=1"} {
		if _, help, err := ParseKeyval(text, "type"); !help || err != nil {
			t.Errorf("%q: help %v, %v", text, help, err)
		}
	}
	if tree, help, _ := ParseKeyval("type=help", "type"); help || compact(tree) != `{"type": "help"}` {
		t.Error("help as a value is a value")
	}
	if _, err := parseStructured("help", "type"); err == nil || err.Error() != "Help is not available for this option" {
		t.Errorf("no help there: %v", err)
	}
}

func TestKeyvalMerge(t *testing.T) {
	for _, row := range []struct{ first, second, want string }{
		{"a=1,b=2", "b=3,c=4", `{"a": "1", "b": "3", "c": "4"}`},
		{"a.b=1", "a.c=2", `{"a": {"b": "1", "c": "2"}}`},
		{"a.0=1", "a.0=2", `{"a": ["1", "2"]}`},
		{"a.b=1", "a.b.c=2", "Parameter 'a.b' used inconsistently"},
		{"a.b.c=1", "a.b=2", "Parameter 'a.b' used inconsistently"},
		{"a=1", "a.0=2", "Parameter 'a' used inconsistently"},
		{"a.0=1", "a=2", "Parameter 'a' used inconsistently"},
	} {
		dst, _, err1 := ParseKeyval(row.first, "")
		src, _, err2 := ParseKeyval(row.second, "")
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		got := ""
		if err := merge(dst, src, ""); err != nil {
			got = err.Error()
		} else {
			got = compact(dst)
		}
		if got != row.want {
			t.Errorf("%s + %s:\n got %s\nwant %s", row.first, row.second, got, row.want)
		}
	}
}

func FuzzKeyval(f *testing.F) {
	for _, seed := range []string{
		"main,addr.transport=socket,addr.type=inet,addr.host=h,addr.port=0", "a.0=x,a.2=y", "a=1,a.b=2", "?", "x,,y",
		"__com.example_x.y=1", "a.b.c.0.d=,,", "a.01=x,a.1=y", "=", ".",
	} {
		f.Add(seed, "type")
	}
	f.Fuzz(func(t *testing.T, text, implied string) {
		if qapiNameLen(implied) != len(implied) {
			implied = ""
		}
		tree, _, err := ParseKeyval(text, implied)
		if err != nil {
			return
		}
		if n := values(tree); n > len(text)+1 {
			t.Fatalf("%q has %d values", text, n)
		}
		// A tree merges with nothing, and a second time with itself.
		if err := merge(qobject.NewDict(), tree, ""); err != nil {
			t.Fatalf("%q: merge into nothing: %v", text, err)
		}
		again, _, err := ParseKeyval(text, implied)
		if err == nil {
			err = merge(again, tree, "")
		}
		if err != nil {
			t.Fatalf("%q: merge with itself: %v", text, err)
		}
	})
}

// values counts the scalars of a tree.
func values(v any) int {
	n := 0
	switch v := v.(type) {
	case *qobject.Dict:
		for _, member := range v.All() {
			n += values(member)
		}
	case qobject.List:
		for _, element := range v {
			n += values(element)
		}
	default:
		n = 1
	}
	return n
}
