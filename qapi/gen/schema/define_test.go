package schema

import (
	"slices"
	"testing"
)

const everything = `
##
# Things of
# all kinds.
##

{ 'pragma': { 'command-name-exceptions': [ 'old_one' ], 'member-name-exceptions': [ 'Leaf' ] } }

##
# @Kind:
#
# Two kinds.
#
# @one: the first
#     of them
#
# @two: the second
#
# Features:
#
# @odd: not even
#
# Since: 1.0
##
{ 'enum': 'Kind',
  'data': [ 'one', { 'name': 'two', 'features': [ 'odd' ] }, 'three' ] }

##
# @Base:
##
{ 'struct': 'Base', 'data': { 'id': 'str' } }

##
# @Leaf:
##
{ 'struct': 'Leaf', 'base': 'Base',  # a remark
  'data': { '*Old_Name': { 'type': [ 'Kind' ], 'features': [ 'odd', 'rare' ] } } }

##
# @Tree:
##
{ 'union': 'Tree', 'base': { 'kind': 'Kind', '*child': 'Tree' }, 'discriminator': 'kind',
  'data': { 'three': 'Leaf', 'one': 'Base' } }

##
# @Either:
##
{ 'alternate': 'Either', 'data': { 's': 'str', 'n': 'number', 'o': 'Tree', 'l': [ 'int' ], 'b': 'bool', 'z': 'null' } }

##
# @old_one:
##
{ 'command': 'old_one', 'data': 'Tree', 'boxed': true, 'returns': [ 'Either' ],
  'allow-oob': true, 'allow-preconfig': true, 'gen': false, 'features': [ 'odd' ] }

##
# @new-one:
#
# @a: an argument
##
{ 'command': 'new-one', 'data': { 'a': 'size' } }

##
# @DONE_IT:
##
{ 'event': 'DONE_IT', 'data': 'Leaf' }
`

func TestDefinitions(t *testing.T) {
	s, err := load(everything)
	if err != nil {
		t.Fatal(err)
	}
	m := s.Modules[0]
	if m.Doc != "Things of\nall kinds." || len(m.Defs) != 8 {
		t.Errorf("module %q with %d definitions", m.Doc, len(m.Defs))
	}
	kind := s.Type("Kind").(*Enum)
	if kind.Doc.Text != "Two kinds.\n\n\nSince: 1.0" || kind.Doc.Members["one"] != "the first of them" ||
		kind.Doc.Members["two"] != "the second" || kind.Doc.Feature["odd"] != "not even" {
		t.Errorf("documentation of Kind: %+v", kind.Doc)
	}
	if kind.Value("two").Features[0] != "odd" || kind.Value("four") != nil {
		t.Errorf("values of Kind: %+v", kind.Values)
	}
	leaf := s.Type("Leaf").(*Struct)
	all := leaf.AllMembers()
	if len(all) != 2 || all[0].Name != "id" || all[1].Name != "Old_Name" || !all[1].Optional ||
		!slices.Equal(all[1].Features, []string{"odd", "rare"}) || all[1].Ref.Type.TypeName() != "[Kind]" {
		t.Errorf("members of Leaf: %+v", all)
	}
	tree := s.Type("Tree").(*Union)
	if tree.TagEnum() != kind || tree.Branches[0].Name != "one" || tree.Branches[1].Ref.Type != leaf || tree.Branch("two") != nil {
		t.Errorf("branches of Tree: %+v", tree.Branches)
	}
	old := m.Defs[5].(*Command)
	if old.Gen || !old.AllowOOB || !old.AllowPreconfig || !old.Boxed || old.Args != nil || old.Data.Type != tree ||
		old.Returns.Type.(*Array).Elem != s.Type("Either") || old.Features[0] != "odd" {
		t.Errorf("old_one: %+v", old)
	}
	one := m.Defs[6].(*Command)
	if !one.Gen || one.AllowOOB || one.Returns != nil || one.Args.Members[0].Doc != "an argument" || one.Pos.String() != "s.json:61" {
		t.Errorf("new-one: %+v at %s", one, one.Pos)
	}
	if e := m.Defs[7].(*Event); e.Data.Type != leaf || e.Members != nil {
		t.Errorf("DONE_IT: %+v", e)
	}
}

// TestJSON: every type knows what it is on the wire, because alternates are told apart by it.
func TestJSON(t *testing.T) {
	s, err := load(everything)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"str": "string", "number": "number", "bool": "boolean", "null": "null", "any": "value",
		"int8": "int", "uint64": "int", "size": "int", "QType": "string",
		"Kind": "string", "Leaf": "object", "Tree": "object", "Either": "value",
	} {
		if got := s.Type(name).JSON(); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if a := (&Array{Elem: s.Type("Leaf")}); a.JSON() != "array" || a.TypeName() != "[Leaf]" {
		t.Errorf("array: %s %s", a.JSON(), a.TypeName())
	}
	if s.Type("Nothing") != nil {
		t.Error("a type out of nothing")
	}
}
