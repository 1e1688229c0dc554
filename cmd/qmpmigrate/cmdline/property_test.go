package cmdline

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"qmpmigrate/qapi/qobject"
	"qmpmigrate/qapi/scalar"
)

func doubled(value string) string { return strings.ReplaceAll(value, ",", ",,") }

var (
	anyName  = rapid.StringMatching(`[a-z][a-z0-9_-]{0,12}`)
	anyValue = rapid.StringMatching(`[ -~]{0,12}`)
)

// Whatever keys and values are written with doubled commas is read back the same.
func TestOptsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text []string
		var want []item
		for range rapid.IntRange(0, 8).Draw(t, "items") {
			it := item{key: anyName.Draw(t, "key"), value: anyValue.Draw(t, "value")}
			text = append(text, it.key+"="+doubled(it.value))
			if it.key != "id" {
				want = append(want, it)
			}
		}
		o := &opts{spec: &spec{name: "open"}}
		if err := o.parse(strings.Join(text, ","), "", nil); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(o.items, want) {
			t.Fatalf("%q reads as %v, want %v", text, o.items, want)
		}
	})
}

// drawTree makes an object that key=value text can express: no empty objects or lists, all scalars strings.
func drawTree(t *rapid.T, depth int) *qobject.Dict {
	d := qobject.NewDict()
	for range rapid.IntRange(1, 3).Draw(t, "members") {
		d.Set(anyName.Draw(t, "name"), drawValue(t, depth))
	}
	return d
}

func drawValue(t *rapid.T, depth int) any {
	switch kind := rapid.IntRange(0, 2).Draw(t, "kind"); {
	case kind == 1 && depth > 0:
		return drawTree(t, depth-1)
	case kind == 2 && depth > 0:
		list := make(qobject.List, rapid.IntRange(1, 3).Draw(t, "elements"))
		for i := range list {
			list[i] = drawValue(t, depth-1)
		}
		return list
	}
	return anyValue.Draw(t, "value")
}

// write lists a value's scalars as key=value.
func write(out *[]string, path string, v any) {
	switch v := v.(type) {
	case *qobject.Dict:
		for name, member := range v.All() {
			write(out, strings.TrimPrefix(path+"."+name, "."), member)
		}
	case qobject.List:
		for i, element := range v {
			write(out, fmt.Sprintf("%s.%d", path, i), element)
		}
	default:
		*out = append(*out, path+"="+doubled(v.(string)))
	}
}

func TestKeyvalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawTree(t, 3)
		var text []string
		write(&text, "", want)
		got, help, err := ParseKeyval(strings.Join(text, ","), "")
		if err != nil || help {
			t.Fatalf("%q: %v, help %v", text, err, help)
		}
		if compact(got) != compact(want) {
			t.Fatalf("%q reads as\n%s, want\n%s", text, compact(got), compact(want))
		}
	})
}

// The two forms of -object mean the same.
func TestObjectFormsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dict := qobject.NewDict()
		dict.Set("qom-type", "memory-backend-file")
		dict.Set("id", "m")
		text := "memory-backend-file,id=m"
		add := func(name string, value any, spelled string) {
			dict.Set(name, value)
			text += "," + name + "=" + doubled(spelled)
		}
		mib := rapid.Int64Range(1, 1<<20).Draw(t, "mib")
		add("size", mib<<20, fmt.Sprintf("%dM", mib))
		path := anyValue.Draw(t, "path")
		add("mem-path", path, path)
		for _, name := range []string{"share", "prealloc", "merge", "readonly"} {
			if rapid.Bool().Draw(t, name+" given") {
				on := rapid.Bool().Draw(t, name)
				add(name, on, map[bool]string{true: "yes", false: "n"}[on])
			}
		}
		fromText, _, err := Parse("PROG", []string{"-object", text})
		if err != nil {
			t.Fatal(err)
		}
		fromJSON, _, err := Parse("PROG", []string{"-object", compact(dict)})
		if err != nil {
			t.Fatal(err)
		}
		if a, b := compact(fromText.Objects[0].Props), compact(fromJSON.Objects[0].Props); a != b {
			t.Fatalf("text %s\njson %s", a, b)
		}
	})
}

// Whatever topology is accepted is consistent.
func TestSMPConsistent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []string
		for _, name := range []string{"cpus", "maxcpus", "sockets", "dies", "modules", "cores", "threads"} {
			if n := rapid.IntRange(0, 6).Draw(t, name); n > 0 {
				parts = append(parts, fmt.Sprintf("%s=%d", name, n))
			}
		}
		cfg, _, err := Parse("PROG", []string{"-smp", strings.Join(parts, ",")})
		if err != nil {
			if !strings.HasPrefix(errText(err), "Invalid ") {
				t.Fatal(err)
			}
			return
		}
		s := cfg.SMP
		if s.Sockets*s.Dies*s.Modules*s.Cores*s.Threads != s.MaxCPUs || s.CPUs > s.MaxCPUs || s.CPUs == 0 {
			t.Fatalf("%v gives %+v", parts, s)
		}
	})
}

// A size with any suffix is the number times the unit.
func TestSizeUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(0, 15).Draw(t, "n")
		unit := rapid.IntRange(0, 6).Draw(t, "unit")
		suffix := string("BKMGTPE"[unit])
		if rapid.Bool().Draw(t, "lower") {
			suffix = strings.ToLower(suffix)
		}
		got, err := scalar.Size(fmt.Sprint(n) + suffix)
		if err != nil || got != n<<(10*unit) {
			t.Fatalf("%d%s = %d, %v", n, suffix, got, err)
		}
	})
}
