package introspect

import (
	"slices"
	"testing"
	"testing/fstest"

	"qmpmigrate/qapi/gen/schema"
)

func entries(t *testing.T, text string) []string {
	t.Helper()
	s, err := schema.Load(fstest.MapFS{"s.json": {Data: []byte(text)}}, "s.json")
	if err != nil {
		t.Fatal(err)
	}
	return Entries(s)
}

func check(t *testing.T, text string, want ...string) {
	t.Helper()
	got := entries(t, text)
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("missing %s", want[i])
		case i >= len(want):
			t.Errorf("not expected: %s", got[i])
		case got[i] != want[i]:
			t.Errorf("entry %d\n got  %s\n want %s", i, got[i], want[i])
		}
	}
}

// TestNumbers: the empty object is 0 even when another type is used first, and numbers follow the order of use.
func TestNumbers(t *testing.T) {
	check(t, `
##
# @Late:
##
{ 'struct': 'Late', 'data': { '*next': 'Late', 'word': 'Word' } }
##
# @Word:
##
{ 'enum': 'Word', 'data': [ 'a' ] }
##
# @Unused:
##
{ 'enum': 'Unused', 'data': [ 'a' ] }
##
# @first:
##
{ 'command': 'first', 'data': { 'late': [ 'Late' ] }, 'returns': 'Word' }
##
# @SECOND:
##
{ 'event': 'SECOND' }
`,
		`{"name": "first", "meta-type": "command", "arg-type": "1", "ret-type": "2"}`,
		`{"name": "SECOND", "meta-type": "event", "arg-type": "0"}`,
		`{"name": "1", "meta-type": "object", "members": [{"name": "late", "type": "[3]"}]}`,
		`{"name": "2", "meta-type": "enum", "members": [{"name": "a"}], "values": ["a"]}`,
		`{"name": "0", "meta-type": "object", "members": []}`,
		`{"name": "[3]", "meta-type": "array", "element-type": "3"}`,
		`{"name": "3", "meta-type": "object", "members": [{"name": "next", "type": "3", "default": null}, {"name": "word", "type": "2"}]}`,
	)
}

// TestIntegers: all widths are one type, and so are lists of them.
func TestIntegers(t *testing.T) {
	check(t, `
##
# @ints:
##
{ 'command': 'ints',
  'data': { 'a': 'int8', 'b': 'size', 'c': [ 'uint16' ], 'd': [ 'int' ], 'e': 'int' } }
`,
		`{"name": "ints", "meta-type": "command", "arg-type": "1", "ret-type": "0"}`,
		`{"name": "1", "meta-type": "object", "members": [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}, {"name": "c", "type": "[int]"}, {"name": "d", "type": "[int]"}, {"name": "e", "type": "int"}]}`,
		`{"name": "0", "meta-type": "object", "members": []}`,
		`{"name": "int", "meta-type": "builtin", "json-type": "int"}`,
		`{"name": "[int]", "meta-type": "array", "element-type": "int"}`,
	)
}

// TestUnionMembers: those of the base are flattened, and values without a branch have the empty object.
func TestUnionMembers(t *testing.T) {
	got := entries(t, `
##
# @Kind:
##
{ 'enum': 'Kind', 'data': [ 'a', 'b' ] }
##
# @Root:
##
{ 'struct': 'Root', 'data': { '*id': { 'type': 'str', 'features': [ 'deprecated' ] } } }
##
# @Base:
##
{ 'struct': 'Base', 'base': 'Root', 'data': { 'kind': 'Kind' } }
##
# @Un:
##
{ 'union': 'Un', 'base': 'Base', 'discriminator': 'kind', 'data': { 'b': 'More' } }
##
# @More:
##
{ 'struct': 'More', 'data': { 'more': 'any' } }
##
# @Either:
##
{ 'alternate': 'Either', 'data': { 'l': [ 'Un' ], 's': 'str' } }
##
# @THIS:
##
{ 'event': 'THIS', 'data': { 'either': 'Either' }, 'features': [ 'unstable' ] }
`)
	for _, want := range []string{
		`{"name": "THIS", "meta-type": "event", "features": ["unstable"], "arg-type": "1"}`,
		`{"name": "2", "meta-type": "alternate", "members": [{"type": "[3]"}, {"type": "str"}]}`,
		`{"name": "3", "meta-type": "object", "members": [{"name": "id", "type": "str", "default": null, "features": ["deprecated"]}, {"name": "kind", "type": "4"}], "tag": "kind", "variants": [{"case": "a", "type": "0"}, {"case": "b", "type": "5"}]}`,
		`{"name": "5", "meta-type": "object", "members": [{"name": "more", "type": "any"}]}`,
		`{"name": "any", "meta-type": "builtin", "json-type": "value"}`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("missing %s\nin %q", want, got)
		}
	}
}
