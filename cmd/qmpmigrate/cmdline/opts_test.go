package cmdline

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"qmpmigrate/qapi/scalar"
)

func testSpec() *spec {
	return &spec{name: "test", implied: "first", keys: []key{
		str("first"), str("s"), boolean("b"), number("n"), size("z"), boolean("delay"), boolean("nodelay"),
	}}
}

// flat parses text and writes its items one after another.
func flat(s *spec, text string) (items string, flags []string, err error) {
	g := group{spec: s}
	o, err := g.parse(text, Origin{}, func(it item) { flags = append(flags, it.flag+": "+it.instead()) })
	if err != nil {
		return "", flags, err
	}
	if o.id != "" {
		items = "<" + o.id + ">"
	}
	for _, it := range o.items {
		items += fmt.Sprintf("[%s=%s]", it.key, it.value)
	}
	return items, flags, nil
}

func TestOptsSplitting(t *testing.T) {
	closed, open := testSpec(), &spec{name: "open"}
	for _, row := range []struct {
		spec       *spec
		text, want string
	}{
		{closed, "", ""},
		{closed, "x", "[first=x]"},
		{closed, "a,,b,,,s=c,,d", "[first=a,b,][s=c,d]"}, // the fifth comma ends the value,
		{closed, "x,s=y", "[first=x][s=y]"},
		{closed, "s=y", "[s=y]"},
		{closed, "s=a=b=c", "[s=a=b=c]"},
		{closed, "s=y,", "[s=y]"},
		{closed, ",s=y", "[first=][s=y]"},
		{closed, "s=,s=", "[s=][s=]"},
		{closed, "s=y,b", "[s=y][b=on]"},
		{closed, "s=y,nob", "[s=y][b=off]"},
		{closed, "s=1,id=q,s=2", "<q>[s=1][s=2]"},
		{closed, "id=q", "<q>"},
		{closed, "nob", "[first=nob]"},
		{open, "anything=1,b,noc", "[anything=1][b=on][c=off]"},
		{open, "help", "[help=on]"},
		{open, "a.b.c=1", "[a.b.c=1]"},
	} {
		got, _, err := flat(row.spec, row.text)
		if err != nil || got != row.want {
			t.Errorf("%q: %q, %v; want %q", row.text, got, err, row.want)
		}
	}
}

func TestOptsSwitchWarnings(t *testing.T) {
	for text, want := range map[string]string{
		"x,b":       "b: Please use b=on instead",
		"x,nob":     "nob: Please use b=off instead",
		"x,nodelay": "nodelay: Please use nodelay=on instead",
		"x,delay":   "delay: Please use nodelay=off instead",
		"x,b=on":    "",
		"b":         "", // the implied key's value
	} {
		_, flags, err := flat(testSpec(), text)
		if got := strings.Join(flags, ""); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestOptsErrors(t *testing.T) {
	hints := "\n" + strings.Join(scalar.SizeHints(), "\n")
	for _, row := range []struct{ text, want string }{
		{"x,foo=1", "Invalid parameter 'foo'"},
		{"x,foo", "Invalid parameter 'foo'"},
		{"x,nofoo", "Invalid parameter 'foo'"},
		{"x,=1", "Invalid parameter ''"},
		{"b=maybe", "Parameter 'b' expects 'on' or 'off'"},
		{"b=ON", "Parameter 'b' expects 'on' or 'off'"},
		{"b=", "Parameter 'b' expects 'on' or 'off'"},
		{"n=x", "Parameter 'n' expects a number"},
		{"n=1k", "Parameter 'n' expects a number"},
		{"n=", "Parameter 'n' expects a number"},
		{"n=18446744073709551616", "Value '18446744073709551616' is too large for parameter 'n'"},
		{"z=x", "Parameter 'z' expects a non-negative number below 2^64" + hints},
		{"z=1MB", "Parameter 'z' expects a non-negative number below 2^64" + hints},
		{"z=1.5", "Parameter 'z' expects a non-negative number below 2^64" + hints},
		{"z=-1", "Value '-1' is out of range for parameter 'z'"},
		{"z=16E", "Value '16E' is out of range for parameter 'z'"},
		{"id=1c", "Parameter 'id' expects an identifier\n" +
			"Identifiers consist of letters, digits, '-', '.', '_', starting with a letter."},
		{"id=", "Parameter 'id' expects an identifier\n" +
			"Identifiers consist of letters, digits, '-', '.', '_', starting with a letter."},
	} {
		_, _, err := flat(testSpec(), row.text)
		e, ok := errors.AsType[*Error](err)
		if !ok {
			t.Errorf("%q: %v", row.text, err)
			continue
		}
		if got := strings.Join(append([]string{e.Text}, e.Hints...), "\n"); got != row.want {
			t.Errorf("%q:\n got %s\nwant %s", row.text, got, row.want)
		}
	}
}

func TestOptsValues(t *testing.T) {
	g := group{spec: testSpec()}
	o, err := g.parse("s=a,s=b,b=off,n=-1,z=1.5k", Origin{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if o.get("s") != "b" || o.bool("b", true) || o.number("n", 0) != math.MaxUint64 || o.size("z", 0) != 1536 {
		t.Errorf("values: %q %v %d %d", o.get("s"), o.bool("b", true), o.number("n", 0), o.size("z", 0))
	}
	if !o.bool("delay", true) || o.number("x", 7) != 7 || o.size("x", 8) != 8 || o.get("first") != "" {
		t.Error("defaults are not taken")
	}
	if p := o.optionalBool("b"); p == nil || *p || o.optionalBool("delay") != nil {
		t.Error("optionalBool")
	}
	if got, want := compact(o.dict()), `{"s": "b", "b": "off", "n": "-1", "z": "1.5k"}`; got != want {
		t.Errorf("dict %s, want %s", got, want)
	}
}

func TestGroupIDs(t *testing.T) {
	g := group{spec: testSpec()}
	for _, step := range []struct{ text, want string }{
		{"id=a,s=1", ""},
		{"s=1", ""},
		{"s=2", ""},
		{"id=b", ""},
		{"id=a", "Duplicate ID 'a' for test"},
	} {
		_, err := g.parse(step.text, Origin{}, nil)
		if got := fmt.Sprint(err); got != step.want && !(err == nil && step.want == "") {
			t.Errorf("%q: %v, want %q", step.text, err, step.want)
		}
	}
	if len(g.entries) != 4 || g.find("b") != g.last() || g.find("") != nil || g.find("zz") != nil {
		t.Error("entries are not found")
	}
}

func TestGroupMerges(t *testing.T) {
	s := testSpec()
	s.merge = true
	g := group{spec: s}
	for _, text := range []string{"x,s=1", "n=5", "s=2"} {
		if _, err := g.parse(text, Origin{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if o := g.last(); len(g.entries) != 1 || o.get("first") != "x" || o.get("s") != "2" || o.number("n", 0) != 5 {
		t.Errorf("merged to %v", o.items)
	}
	if _, err := g.parse("id=a", Origin{}, nil); err == nil || err.Error() != "Invalid parameter 'id'" {
		t.Errorf("id in a merging option: %v", err)
	}
}

func TestOptsHelp(t *testing.T) {
	_, _, err := flat(testSpec(), "x,help")
	exit, ok := errors.AsType[*Exit](err)
	if !ok || exit.Status != 1 || !strings.HasPrefix(exit.Text, "test options:\n  b=<bool (on/off)>\n") {
		t.Errorf("help: %v %+v", err, exit)
	}
	o := &opts{spec: testSpec()}
	if err := o.parse("s=1,help", "", nil); err == nil || err.Error() != "Invalid parameter 'help'" {
		t.Errorf("help in a device string: %v", err)
	}
}

func FuzzOpts(f *testing.F) {
	for _, seed := range []string{
		"socket,id=c,path=/tmp/x,,y,server=on,nowait", "help", "a=,=b,,,c", "id=1", "n=0x1g,z=1.5k", ",,,,", "no",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range []*spec{testSpec(), {name: "open"}} {
			g := group{spec: s}
			o, err := g.parse(text, Origin{}, func(item) {})
			if err != nil {
				continue
			}
			total := 0
			for _, it := range o.items {
				total += len(it.value)
				if k, ok := s.find(it.key); !ok || k.check(it.value) != nil {
					t.Fatalf("%q: kept %q=%q, which is not in order", text, it.key, it.value)
				}
			}
			if len(o.items) > len(text) || total > 2*len(text)+2 {
				t.Fatalf("%q grew to %d items of %d bytes", text, len(o.items), total)
			}
		}
	})
}
