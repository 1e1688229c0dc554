package schema

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

// load reads a schema of one file; its definitions need no comments of their own.
func load(text string) (*Schema, error) {
	return Load(fstest.MapFS{"s.json": {Data: []byte(text)}}, "s.json")
}

// doc is a comment for a definition, in three lines.
func doc(name string) string { return "##\n# @" + name + ":\n##\n" }

// TestErrors: every fault of a schema is told with its place. The text of each case begins behind a comment for the
// definition that is named first, so its own first line is the fourth.
func TestErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		// Tokens.
		{"Foo", `{ "struct": 1 }`, `s.json:4: stray "\""`},
		{"Foo", "{\n\n'struct", `s.json:6: missing terminating "'"`},
		{"Foo", `{ 'str\uct': 1 }`, `s.json:4: character "\\" is not allowed in a string`},
		{"Foo", "##\n# text", "s.json:4: documentation comment is not ended by '##'"},
		{"Foo", "##\n#text\n##", "s.json:5: line in a documentation comment must begin with '# '"},

		// Syntax.
		{"Foo", `'struct'`, "s.json:4: an expression must be an object, not a string"},
		{"Foo", `{ 'struct' 'Foo' }`, "s.json:4: expected ':', not 'Foo'"},
		{"Foo", `{ true: 'Foo' }`, "s.json:4: expected string as a member's name, not true"},
		{"Foo", "{ 'struct': 'Foo',\n }", "s.json:5: expected string as a member's name, not '}'"},
		{"Foo", `{ 'struct': 'Foo' 'data': {} }`, "s.json:4: expected ',' or '}', not 'data'"},
		{"Foo", "{ 'struct': [ 'Foo'\n'x' ] }", "s.json:5: expected ',' or ']', not 'x'"},
		{"Foo", `{ 'struct': maybe }`, "s.json:4: expected '{', '[', string, or boolean, not maybe"},
		{"Foo", `{ 'struct': `, "s.json:4: expected '{', '[', string, or boolean, not end of file"},
		{"Foo", "{ 'struct': 'Foo',\n'struct': 'Foo' }", "s.json:5: duplicate member 'struct'"},
		{"Foo", strings.Repeat("[", 100), "s.json:4: nested too deeply"},

		// Comments.
		{"Bar", `{ 'struct': 'Foo', 'data': {} }`, "s.json:1: documentation of 'Bar' stands before 'Foo'"},
		{"Foo", `{ 'include': 'x.json' }`, "s.json:1: documentation of 'Foo' is not followed by its definition"},
		{"Foo", ``, "s.json:1: documentation of 'Foo' is not followed by its definition"},
		{"Foo", "##\n# more\n##", "s.json:1: documentation of 'Foo' is not followed by its definition"},
		{"Foo", `{ 'struct': 'Foo', 'data': {} } { 'struct': 'Bar', 'data': {} }`, "s.json:4: struct 'Bar' has no documentation comment"},
		{"Foo:\n#\n# @a: x\n#\n# @a", `{ 'struct': 'Foo', 'data': {} }`, "s.json:6: 'a' is described twice"},
		{"Foo:\n# @a", `{ 'struct': 'Foo', 'data': { 'b': 'str' } }`, "s.json:1: documentation of 'Foo' describes 'a', which it does not have"},
		{"Foo:\n# Features:\n# @a", `{ 'struct': 'Foo', 'data': {}, 'features': [ 'b' ] }`, "s.json:1: documentation of 'Foo' describes 'a', which it does not have"},

		// Directives.
		{"", `{ 'include': 'gone.json' }`, "s.json:4: can't read schema file 'gone.json': open gone.json: file does not exist"},
		{"", `{ 'include': [] }`, "s.json:4: 'include' must be a string, not a list"},
		{"", `{ 'include': 's.json', 'x': 'y' }`, "s.json:4: 'include' stands alone"},
		{"", `{ 'pragma': 'x' }`, "s.json:4: 'pragma' must be an object, not a string"},
		{"", "{ 'pragma': {\n'doc-required': true } }", "s.json:5: unknown pragma 'doc-required'"},
		{"", `{ 'pragma': { 'member-name-exceptions': [ true ] } }`, "s.json:4: 'member-name-exceptions' must hold strings, not true or false"},

		// Members of expressions.
		{"Foo", `{ 'data': {} }`, "s.json:4: expression is missing its kind: 'enum', 'struct', 'union', 'alternate', 'command', 'event', 'include' or 'pragma'"},
		{"Foo", `{ 'struct': [], 'data': {} }`, "s.json:4: 'struct' must be a string, not a list"},
		{"Foo", `{ 'struct': 'Foo' }`, "s.json:4: struct 'Foo' lacks member 'data'"},
		{"Foo", "{ 'struct': 'Foo', 'data': {},\n'boxed': true }", "s.json:5: struct 'Foo' has unknown member 'boxed'"},
		{"Foo", `{ 'struct': 'Foo', 'data': [] }`, "s.json:4: 'data' of 'Foo' must be an object, not a list"},
		{"Foo", `{ 'struct': 'Foo', 'data': { 'a': true } }`, "s.json:4: a type must be named by a string, not true or false"},
		{"Foo", `{ 'struct': 'Foo', 'data': { 'a': [ 'str', 'str' ] } }`, "s.json:4: an array type must name one type"},
		{"Foo", "{ 'struct': 'Foo', 'data': { 'a': {\n'type': 'str',\n'if': 'X' } } }", "s.json:6: member 'a' of 'Foo' has unknown member 'if'"},
		{"Foo", `{ 'struct': 'Foo', 'data': { 'a': { 'features': [] } } }`, "s.json:4: member 'a' of 'Foo' lacks member 'type'"},
		{"Foo", `{ 'struct': 'Foo', 'data': {}, 'features': 'x' }`, "s.json:4: 'features' must be a list, not a string"},
		{"Foo", `{ 'enum': 'Foo', 'data': {} }`, "s.json:4: 'data' of enum 'Foo' must be a list, not an object"},
		{"Foo", `{ 'enum': 'Foo', 'data': [ { 'name': 'a', 'type': 'b' } ] }`, "s.json:4: value of enum 'Foo' has unknown member 'type'"},
		{"Foo", `{ 'enum': 'Foo', 'data': [ { 'name': true } ] }`, "s.json:4: 'name' must be a string, not true or false"},
		{"foo", `{ 'command': 'foo', 'allow-oob': 'yes' }`, "s.json:4: 'allow-oob' must be true or false, not a string"},
		{"FOO", `{ 'event': 'FOO', 'boxed': 'yes' }`, "s.json:4: 'boxed' must be true or false, not a string"},
		{"foo", `{ 'command': 'foo', 'returns': {} }`, "s.json:4: a type must be named by a string, not an object"},
		{"foo", `{ 'command': 'foo', 'data': [ 'str' ] }`, "s.json:4: a type must be named by a string, not a list"},

		// Names.
		{"foo", `{ 'struct': 'foo', 'data': {} }`, "s.json:4: name 'foo' must be CamelCase"},
		{"FOO", `{ 'struct': 'FOO', 'data': {} }`, "s.json:4: name 'FOO' must be CamelCase"},
		{"foo_bar", `{ 'command': 'foo_bar' }`, "s.json:4: name 'foo_bar' must be lower-case with hyphens"},
		{"Foo", `{ 'event': 'Foo' }`, "s.json:4: name 'Foo' must be upper-case with underscores"},
		{"Foo", `{ 'struct': 'Foo', 'data': { 'A': 'str' } }`, "s.json:4: member 'A' of 'Foo' must be lower-case with hyphens"},
		{"Foo", `{ 'struct': 'Foo', 'data': { '**a': 'str' } }`, "s.json:4: member '*a' of 'Foo' must be lower-case with hyphens"},
		{"Foo", `{ 'enum': 'Foo', 'data': [ 'a', 'B' ] }`, "s.json:4: value 'B' of enum 'Foo' must be lower-case with hyphens"},
		{"foo", `{ 'command': 'foo', 'features': [ 'X' ] }`, "s.json:4: name 'X' of a feature of 'foo' must be lower-case with hyphens"},
		{"Foo", `{ 'alternate': 'Foo', 'data': { 'A': 'str' } }`, "s.json:4: branch 'A' of 'Foo' must be lower-case with hyphens"},
		{"Foo", "{ 'struct': 'Foo', 'data': {} }\n" + doc("Foo") + "{ 'enum': 'Foo', 'data': [] }", "s.json:8: 'Foo' is already defined at s.json:4"},
		{"QType", `{ 'struct': 'QType', 'data': {} }`, "s.json:4: 'QType' is the name of a built-in type"},

		// Types.
		{"Foo", "{ 'struct': 'Foo', 'data': {\n'a': [ 'Bar' ] } }", "s.json:5: 'Foo' uses unknown type 'Bar'"},
		{"foo", `{ 'command': 'foo', 'returns': 'Bar' }`, "s.json:4: 'foo' uses unknown type 'Bar'"},
		{"Foo", `{ 'enum': 'Foo', 'data': [ 'a', 'a' ] }`, "s.json:4: enum 'Foo' has value 'a' twice"},
		{"Foo", `{ 'struct': 'Foo', 'data': { 'a': 'str', '*a': 'str' } }`, "s.json:4: 'Foo' has member 'a' twice"},
		{"foo", `{ 'command': 'foo', 'data': { 'a': 'str', '*a': 'str' } }`, "s.json:4: 'foo' has member 'a' twice"},
		{"FOO", `{ 'event': 'FOO', 'data': { 'a': 'str', '*a': 'str' } }`, "s.json:4: 'FOO' has member 'a' twice"},
		{"Foo", "{ 'struct': 'Foo', 'base': 'Bar', 'data': { 'a': 'str' } }\n" + doc("Bar") + "{ 'struct': 'Bar', 'data': { 'a': 'str' } }", "s.json:4: 'Foo' has member 'a' twice"},
		{"Foo", `{ 'struct': 'Foo', 'base': 'str', 'data': {} }`, "s.json:4: base 'str' of 'Foo' is not a struct"},
		{"Foo", `{ 'struct': 'Foo', 'base': 'Foo', 'data': {} }`, "s.json:4: 'Foo' is its own base"},
		{"Foo", "{ 'struct': 'Foo', 'base': 'Bar', 'data': {} }\n" + doc("Bar") + "{ 'struct': 'Bar', 'base': 'Bar', 'data': {} }", "s.json:4: 'Foo' is its own base"},
		{"Foo", "{ 'struct': 'Foo', 'data': { 'a': 'Bar' } }\n" + doc("Bar") + "{ 'struct': 'Bar', 'data': { 'b': 'Foo' } }", "s.json:4: 'Foo' contains itself"},
		{"foo", `{ 'command': 'foo', 'boxed': true }`, "s.json:4: 'foo' is boxed but its 'data' names no type"},
		{"foo", `{ 'command': 'foo', 'data': 'str' }`, "s.json:4: 'data' of 'foo' must be an object, not 'str'"},
		{"FOO", "{ 'event': 'FOO', 'data': 'U' }\n" + doc("U") + "{ 'union': 'U', 'base': {}, 'discriminator': 't', 'data': {} }", "s.json:8: name 'U' must be CamelCase"},
		{"FOO", "{ 'event': 'FOO', 'data': 'Un' }\n" + doc("Un") + "{ 'union': 'Un', 'base': {}, 'discriminator': 't', 'data': {} }", "s.json:4: 'data' of 'FOO' can be the union 'Un' only when it is boxed"},

		// Unions and alternates.
		{"Foo", `{ 'union': 'Foo', 'base': {}, 'discriminator': true, 'data': {} }`, "s.json:4: 'discriminator' must be a string, not true or false"},
		{"Foo", `{ 'union': 'Foo', 'base': {}, 'discriminator': 't', 'data': {} }`, "s.json:4: discriminator 't' of 'Foo' is not a member of its base"},
		{"Foo", `{ 'union': 'Foo', 'base': { 't': 'str' }, 'discriminator': 't', 'data': {} }`, "s.json:4: discriminator 't' of 'Foo' must be a mandatory member of an enumeration type"},
		{"Foo", `{ 'union': 'Foo', 'base': { '*t': 'QType' }, 'discriminator': 't', 'data': {} }`, "s.json:4: discriminator 't' of 'Foo' must be a mandatory member of an enumeration type"},
		{"Foo", `{ 'union': 'Foo', 'base': { 't': 'QType' }, 'discriminator': 't', 'data': {} }`, "s.json:4: union 'Foo' has no branches"},
		{"Foo", `{ 'union': 'Foo', 'base': { 't': 'QType' }, 'discriminator': 't', 'data': { 'c': 'str' } }`, "s.json:4: branch 'c' of 'Foo' is not a value of enum 'QType'"},
		{"Foo", `{ 'union': 'Foo', 'base': { 't': 'QType' }, 'discriminator': 't', 'data': { 'qnum': [ 'str' ] } }`, "s.json:4: branch 'qnum' of 'Foo' must be an object, not '[str]'"},
		{"Foo", "{ 'union': 'Foo', 'base': { 't': 'QType' }, 'discriminator': 't', 'data': { 'qnum': 'Bar' } }\n" + doc("Bar") + "{ 'struct': 'Bar', 'data': { 't': 'str' } }", "s.json:4: member 't' of branch 'qnum' of 'Foo' is also a member of its base"},
		{"Foo", `{ 'alternate': 'Foo', 'data': {} }`, "s.json:4: alternate 'Foo' has no branches"},
		{"Foo", `{ 'alternate': 'Foo', 'data': { 'a': 'any' } }`, "s.json:4: branch 'a' of 'Foo' cannot be of type 'any'"},
		{"Foo", `{ 'alternate': 'Foo', 'data': { 'i': 'uint8', 'n': 'number' } }`, "s.json:4: branch 'n' of 'Foo' cannot be told from 'i'"},
		{"Foo", `{ 'alternate': 'Foo', 'data': { 's': 'str', 'e': 'QType' } }`, "s.json:4: branch 'e' of 'Foo' cannot be told from 's'"},
	} {
		comment := "#\n#\n#\n"
		if test.name != "" {
			comment = doc(test.name)
			if n := strings.Count(test.name, "\n"); n > 0 {
				comment = "##\n# @" + test.name + ": y\n##\n"
			}
		}
		_, err := load(comment + test.text)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s\n got  %v\n want %s", test.text, err, test.want)
			continue
		}
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("%s: error of type %T", test.text, err)
		}
	}
}

func TestInclude(t *testing.T) {
	files := fstest.MapFS{
		"root.json":   {Data: []byte("{ 'include': 'sub/a.json' } { 'include': 'sub/b.json' } # the end")},
		"sub/a.json":  {Data: []byte("{ 'include': 'b.json' }\n" + doc("Foo") + "{ 'struct': 'Foo', 'data': { 'b': 'Bar' } }")},
		"sub/b.json":  {Data: []byte("{ 'include': 'a.json' }\n" + doc("Bar") + "{ 'enum': 'Bar', 'data': [] }")},
		"broken.json": {Data: []byte("{ 'include': 'sub/c.json' }")},
		"sub/c.json":  {Data: []byte("\n\n}")},
	}
	s, err := Load(files, "root.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Modules) != 2 || s.Modules[0].Name != "b" || s.Modules[1].Name != "a" {
		t.Errorf("modules %+v", s.Modules)
	}
	if foo := s.Type("Foo").(*Struct); foo.Members[0].Ref.Type != s.Type("Bar") {
		t.Error("type of another module is not found")
	}
	if _, err = Load(files, "broken.json"); err == nil || err.Error() != "sub/c.json:3: expected '{', '[', string, or boolean, not '}'" {
		t.Errorf("fault in an included file: %v", err)
	}
}
