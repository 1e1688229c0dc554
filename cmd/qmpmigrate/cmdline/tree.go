package cmdline

import (
	"slices"
	"strconv"

	"qmpmigrate/qapi/qobject"
)

// tree reads the members of an object that came from key=value text (all scalars are strings then, and convert) or
// from JSON (nothing converts). Members that were asked for count as known; finish complains about the others. The
// first error sticks, in the whole tree, and later calls return zero values.
type tree struct {
	dict  *qobject.Dict
	path  string // where dict is, with a trailing dot unless it is the root
	text  bool   // scalars are strings
	known []string
	err   *error
}

func newTree(dict *qobject.Dict, text bool) *tree {
	return &tree{dict: dict, text: text, err: new(error)}
}

func (t *tree) fail(e *Error) {
	if *t.err == nil {
		*t.err = e
	}
}

// take returns a member and counts it as known.
func (t *tree) take(name string) (value any, ok bool) {
	t.known = append(t.known, name)
	if *t.err != nil {
		return nil, false
	}
	return t.dict.Get(name)
}

// need complains if there is no such member.
func (t *tree) need(name string) {
	if _, ok := t.dict.Get(name); !ok {
		t.fail(missing(t.path + name))
	}
}

// scalar returns a member that has to be one; in text form that is its string.
func (t *tree) scalar(name string) (value any, ok bool) {
	value, ok = t.take(name)
	if !ok {
		return nil, false
	}
	switch value.(type) {
	case *qobject.Dict, qobject.List:
		if t.text {
			t.fail(fail("Parameters '%s%s.*' are unexpected", t.path, name))
			return nil, false
		}
	}
	return value, true
}

// object returns the tree of a member that is an object, or nil.
func (t *tree) object(name string) *tree {
	value, ok := t.take(name)
	if !ok {
		return nil
	}
	dict, ok := value.(*qobject.Dict)
	if !ok {
		t.wrongType(name, "object")
		return nil
	}
	return &tree{dict: dict, path: t.path + name + ".", text: t.text, err: t.err}
}

// list returns the elements of a member that is a list.
func (t *tree) list(name string) (elements qobject.List, ok bool) {
	value, ok := t.take(name)
	if !ok {
		return nil, false
	}
	elements, ok = value.(qobject.List)
	if !ok {
		t.wrongType(name, "array")
	}
	return elements, ok
}

// element returns a tree whose only member is one element of the list under name, named as messages shall show it.
func (t *tree) element(name string, at int, value any) *tree {
	label := name + "[" + strconv.Itoa(at) + "]"
	if t.text {
		label = name + "." + strconv.Itoa(at)
	}
	dict := qobject.NewDict()
	dict.Set(label, value)
	return &tree{dict: dict, path: t.path, text: t.text, err: t.err}
}

func (t *tree) wrongType(name, want string) {
	t.fail(fail("Invalid parameter type for '%s%s', expected: %s", t.path, name, want))
}

// unknown returns the members that nothing asked for.
func (t *tree) unknown() []string {
	var names []string
	for name := range t.dict.All() {
		if !slices.Contains(t.known, name) {
			names = append(names, name)
		}
	}
	return names
}

// finish complains about members that are not known and returns the tree's first error.
func (t *tree) finish() error {
	if names := t.unknown(); len(names) > 0 {
		t.fail(fail("Parameter '%s%s' is unexpected", t.path, names[0]))
	}
	return *t.err
}
