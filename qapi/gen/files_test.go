package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestUpToDate: the generated files of package qapi are those that its schema gives.
func TestUpToDate(t *testing.T) {
	if err := run("../schema/qapi-schema.json", "..", true); err != nil {
		t.Error(err)
	}
}

const small = `
##
# @Foo:
##
{ 'struct': 'Foo', 'data': { 'a': 'str' } }
`

// schemaDir makes a folder with a schema and one for its Go.
func schemaDir(t *testing.T, text string) (root, out string) {
	t.Helper()
	dir := t.TempDir()
	root, out = filepath.Join(dir, "my-module.json"), filepath.Join(dir, "out")
	if err := os.WriteFile(root, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	return root, out
}

func TestWriteAndCheck(t *testing.T) {
	root, out := schemaDir(t, small)
	fails := func(want string) {
		t.Helper()
		if err := run(root, out, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("check says %v, want %s", err, want)
		}
	}
	fails("no such file")
	if err := run(root, out, false); err != nil {
		t.Fatal(err)
	}
	if err := run(root, out, true); err != nil {
		t.Errorf("just written, but %v", err)
	}

	module := filepath.Join(out, "my_module_gen.go")
	text, err := os.ReadFile(module)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(module, append(text, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	fails("my_module_gen.go is not up to date: run go generate")

	stale := filepath.Join(out, "old_gen.go")
	if err := os.WriteFile(stale, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(module, text, 0o600); err != nil {
		t.Fatal(err)
	}
	fails("old_gen.go has no module in the schema: run go generate")

	past := time.Unix(1, 0)
	if err := os.Chtimes(module, past, past); err != nil {
		t.Fatal(err)
	}
	if err := run(root, out, false); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("file of a module that is gone is still there")
	}
	if info, err := os.Stat(module); err != nil || !info.ModTime().Equal(past) {
		t.Error("file was written again without need")
	}
}

// TestGoNames: names that differ in the schema must not become one in Go.
func TestGoNames(t *testing.T) {
	comment := func(name string) string { return "\n##\n# @" + name + ":\n##\n" }
	for _, test := range []struct{ text, want string }{
		{comment("Foo") + "{ 'struct': 'Foo', 'data': { 'a-b': 'str', 'a2': 'str', 'ab': 'str', '*x': 'str' } }", ""},
		{
			"{ 'pragma': { 'member-name-exceptions': [ 'Foo' ] } }" + comment("Foo") + "{ 'struct': 'Foo', 'data': { 'a-b': 'str', 'a_b': 'str' } }",
			"my-module.json:5: Go name 'AB' is already used for my-module.json:5",
		},
		{
			comment("Foo") + "{ 'union': 'Foo', 'base': { 't': 'QType', 'qnum': 'str' }, 'discriminator': 't', 'data': { 'qnum': 'Bar' } }" +
				comment("Bar") + "{ 'struct': 'Bar', 'data': {} }",
			"my-module.json:5: Go name 'Qnum' is already used for my-module.json:5",
		},
		{
			comment("foo") + "{ 'command': 'foo', 'data': { 'a': 'str' } }" + comment("FooArgs") + "{ 'struct': 'FooArgs', 'data': {} }",
			"my-module.json:9: Go name 'FooArgs' is already used for my-module.json:5",
		},
		{
			comment("FooEvent") + "{ 'struct': 'FooEvent', 'data': {} }" + comment("FOO") + "{ 'event': 'FOO' }",
			"my-module.json:9: Go name 'FooEvent' is already used for my-module.json:5",
		},
		{
			comment("Foo") + "{ 'enum': 'Foo', 'data': [ 'bar' ] }" + comment("FooBar") + "{ 'alternate': 'FooBar', 'data': { 'a': 'str' } }",
			"my-module.json:9: Go name 'FooBar' is already used for my-module.json:5",
		},
		{
			comment("MyModuleCommands") + "{ 'struct': 'MyModuleCommands', 'data': {} }",
			"my-module:1: Go name 'MyModuleCommands' is already used for my-module.json:5",
		},
		{"\n}", "my-module.json:2: expected '{', '[', string, or boolean, not '}'"},
	} {
		root, out := schemaDir(t, test.text)
		got := ""
		if err := run(root, out, false); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s\n got  %s\n want %s", test.text, got, test.want)
		}
		if left, _ := generated(out); got != "" && len(left) > 0 {
			t.Errorf("%s: files are written in spite of the error", test.text)
		}
	}
}
